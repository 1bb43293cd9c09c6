using System.Buffers.Binary;
using System.IO.Compression;
using OpenAI.Images;

namespace Cencori.Edge.Tests.Providers.Sandbox.Media;

public sealed class ImagesTests : IDisposable
{
    private const string Path = "/v1/images/generations";

    private readonly SandboxCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Theory]
    [InlineData("", 1024, 1024)]
    [InlineData(",\"size\":\"auto\"", 1024, 1024)]
    [InlineData(",\"size\":\"256x256\"", 256, 256)]
    [InlineData(",\"size\":\"1792x1024\"", 1792, 1024)]
    [InlineData(",\"size\":null,\"n\":null", 1024, 1024)]
    public async Task An_image_is_a_small_PNG_of_the_requested_size(string fields, int width, int height)
    {
        var response = await _calls.PostJsonAsync(Path, $$"""{"model":"gpt-image-1","prompt":"a cat"{{fields}}}""");
        var image = Assert.Single(response.GetProperty("data").EnumerateArray()).GetProperty("b64_json").GetBytesFromBase64();

        Assert.Equal((width, height), Check(image));
        Assert.InRange(image.Length, 100, 4_000);
    }

    [Fact]
    public async Task Models_with_URLs_return_a_data_URL_and_no_usage()
    {
        var response = await _calls.PostJsonAsync(Path, """{"model":"dall-e-3","prompt":"a cat"}""");
        var image = Assert.Single(response.GetProperty("data").EnumerateArray());

        Check(Convert.FromBase64String(image.GetProperty("url").GetString()!.Split("data:image/png;base64,")[1]));
        Assert.Equal(["url"], image.EnumerateObject().Select(property => property.Name));
        Assert.False(response.TryGetProperty("usage", out _));
    }

    [Fact]
    public async Task Several_images_differ_and_the_same_prompt_gives_the_same_image()
    {
        var images = await ImagesAsync("""{"model":"dall-e-2","prompt":"a cat","n":10,"response_format":"b64_json"}""");

        Assert.Equal(10, images.Distinct().Count());
        Assert.Equal(images[0], Assert.Single(await ImagesAsync("""{"model":"gpt-image-1","prompt":"a cat"}""")));
        Assert.DoesNotContain(Assert.Single(await ImagesAsync("""{"model":"gpt-image-1","prompt":"a dog"}""")), images);
    }

    [Fact]
    public async Task Usage_counts_the_prompt_and_the_images()
    {
        var usage = (await _calls.PostJsonAsync(Path, """{"model":"gpt-image-1","prompt":"hello world","n":2}""")).GetProperty("usage");

        Assert.Equal((2, 2_112, 2_114), (usage.GetProperty("input_tokens").GetInt32(), usage.GetProperty("output_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32()));
        Assert.Equal(2, usage.GetProperty("input_tokens_details").GetProperty("text_tokens").GetInt32());
    }

    [Fact]
    public async Task A_stream_has_an_event_for_each_image_and_the_usage_in_the_last()
    {
        var events = await _calls.PostStreamAsync(Path, """{"model":"gpt-image-1","prompt":"a cat","n":2,"stream":true}""");

        Assert.Equal(2, events.Count);
        Assert.All(events, one => Assert.Equal("image_generation.completed", one.GetProperty("type").GetString()));
        Assert.Equal([false, true], events.Select(one => one.TryGetProperty("usage", out _)));
        Check(events[1].GetProperty("b64_json").GetBytesFromBase64());
    }

    [Theory]
    [InlineData("", "prompt")]
    [InlineData("\"prompt\":\"\"", "prompt")]
    [InlineData("\"prompt\":[1]", "prompt")]
    [InlineData("\"prompt\":\"x\",\"n\":0", "n")]
    [InlineData("\"prompt\":\"x\",\"n\":11", "n")]
    [InlineData("\"prompt\":\"x\",\"size\":\"1x1\"", "size")]
    [InlineData("\"prompt\":\"x\",\"size\":1024", "size")]
    [InlineData("\"prompt\":\"x\",\"response_format\":\"png\"", "response_format")]
    [InlineData("\"prompt\":\"x\",\"output_format\":\"webp\"", "output_format")]
    public async Task An_invalid_field_is_rejected_by_name(string fields, string name)
    {
        var error = await _calls.PostRefusedAsync(Path, $$"""{"model":"gpt-image-1"{{(fields.Length > 0 ? "," : "")}}{{fields}}}""");

        Assert.Equal(name, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task The_official_SDK_reads_the_image()
    {
        var image = (await SandboxSdk.Client().GetImageClient("dall-e-3").GenerateImageAsync("a cat", new ImageGenerationOptions { ResponseFormat = GeneratedImageFormat.Bytes, Size = GeneratedImageSize.W256xH256 })).Value;

        Assert.Equal((256, 256), Check(image.ImageBytes.ToArray()));
    }

    private async Task<List<string>> ImagesAsync(string body) =>
        [.. (await _calls.PostJsonAsync(Path, body)).GetProperty("data").EnumerateArray().Select(image => image.GetProperty("b64_json").GetString()!)];

    // Checks what a decoder checks, and returns the size.
    private static (int Width, int Height) Check(byte[] png)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
        var pixels = new MemoryStream();
        var types = new List<string>();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            types.Add(System.Text.Encoding.ASCII.GetString(png, at + 4, 4));
            if (types[^1] == "IDAT")
            {
                using var zlib = new ZLibStream(new MemoryStream(png, at + 8, length), CompressionMode.Decompress);
                zlib.CopyTo(pixels);
            }

            at += 12 + length;
        }

        Assert.Equal(["IHDR", "PLTE", "IDAT", "IEND"], types);
        Assert.Equal((1 + (width / 8)) * height, pixels.Length);

        // The checksum of the empty IEND chunk.
        Assert.Equal([0xAE, 0x42, 0x60, 0x82], png[^4..]);
        return (width, height);
    }
}
