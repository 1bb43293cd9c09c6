using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox.Media;

/// <summary>Makes images: checkerboards whose colours depend on the prompt alone.</summary>
internal static class Images
{
    private const int LongestPrompt = 32_000;
    private const int MaxImages = 10;
    private const string DefaultSize = "1024x1024";

    // Token counts of OpenAI's models for an image of medium quality.
    private const int TokensOfSquare = 1_056;
    private const int TokensOfOthers = 1_584;

    private static readonly FrozenDictionary<string, (int Width, int Height)> Sizes = new (int Width, int Height)[]
    {
        (256, 256), (512, 512), (1024, 1024), (1024, 1536), (1536, 1024), (1024, 1792), (1792, 1024),
    }.ToFrozenDictionary(size => $"{size.Width}x{size.Height}", StringComparer.Ordinal);

    public static SandboxReply Respond(RequestReader body, SandboxModel model, TimeProvider time)
    {
        if (body.Text("prompt") is not { Length: > 0 and <= LongestPrompt } prompt)
        {
            body.Refuse("prompt", $"'prompt' must be a string of 1 to {LongestPrompt} characters.");
            return new SandboxReply.Refused(body.Error!);
        }

        var count = body.Integer("n", 1, MaxImages) ?? 1;
        var size = body.Text("size") is { } requested and not "auto" ? requested : DefaultSize;
        if (!Sizes.TryGetValue(size, out var pixels))
        {
            body.Refuse("size", $"'size' must be 'auto' or one of {string.Join(", ", Sizes.Keys.Order(StringComparer.Ordinal))}.");
        }

        var format = body.Text("response_format") ?? (ReturnsUrls(model) ? "url" : "b64_json");
        if (format is not ("url" or "b64_json"))
        {
            body.Refuse("response_format", "'response_format' must be 'url' or 'b64_json'.");
        }

        if (body.Text("output_format") is not (null or "png"))
        {
            body.Refuse("output_format", "The sandbox makes PNG images only: 'output_format' must be 'png'.");
        }

        var isStream = body.Flag("stream");
        if (body.Error is { } error)
        {
            return new SandboxReply.Refused(error);
        }

        var images = Enumerable.Range(0, count).Select(number => PngImage.Checkerboard(pixels.Width, pixels.Height, Colours(prompt, number)));
        var usage = new Usage(TextTokens.Count(prompt, body.Aborted), count * (pixels.Width == pixels.Height ? TokensOfSquare : TokensOfOthers));
        var created = time.GetUtcNow().ToUnixTimeSeconds();
        return isStream
            ? new SandboxReply.Events(Events([.. images], usage, size, created))
            : SandboxReply.Of(json => Write(json, images, asUrl: format == "url", ReturnsUrls(model) ? null : usage, created));
    }

    // The DALL·E models return URLs and no usage.
    private static bool ReturnsUrls(SandboxModel model) => SandboxModel.WithoutPrefix(model.Name).StartsWith("dall-e", StringComparison.Ordinal);

    private static ReadOnlySpan<byte> Colours(string prompt, int number) => SHA256.HashData(Encoding.UTF8.GetBytes($"{number} {prompt}")).AsSpan(0, 6);

    private static void Write(Utf8JsonWriter json, IEnumerable<byte[]> images, bool asUrl, Usage? usage, long created)
    {
        json.WriteStartObject();
        json.WriteNumber("created", created);
        json.WriteStartArray("data");
        foreach (var image in images)
        {
            json.WriteStartObject();
            if (asUrl)
            {
                // A data URL, because no server stores the image.
                json.WriteString("url", $"data:image/png;base64,{Convert.ToBase64String(image)}");
            }
            else
            {
                json.WriteBase64String("b64_json", image);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        usage?.Write(json);
        json.WriteEndObject();
    }

    private static IEnumerable<SandboxEvent> Events(byte[][] images, Usage usage, string size, long created)
    {
        using var buffer = new SandboxEventBuffer();
        const string Type = "image_generation.completed";
        foreach (var image in images)
        {
            yield return buffer.Frame(
                json =>
                {
                    json.WriteStartObject();
                    json.WriteString("type", Type);
                    json.WriteBase64String("b64_json", image);
                    json.WriteNumber("created_at", created);
                    json.WriteString("size", size);
                    json.WriteString("quality", "medium");
                    json.WriteString("background", "opaque");
                    json.WriteString("output_format", "png");
                    if (image == images[^1])
                    {
                        usage.Write(json);
                    }

                    json.WriteEndObject();
                },
                Type,
                isDelta: true);
        }
    }

    private sealed record Usage(int InputTokens, int OutputTokens)
    {
        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject("usage");
            json.WriteNumber("total_tokens", InputTokens + OutputTokens);
            json.WriteNumber("input_tokens", InputTokens);
            json.WriteNumber("output_tokens", OutputTokens);
            json.WriteStartObject("input_tokens_details");
            json.WriteNumber("text_tokens", InputTokens);
            json.WriteNumber("image_tokens", 0);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }
}
