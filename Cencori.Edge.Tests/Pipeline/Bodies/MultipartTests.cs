using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

public class MultipartTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private const string Path = "/v1/audio/transcriptions";
    private const string ContentType = "multipart/form-data; boundary=b";

    private static readonly string[] AllowedModels = ["whisper-1"];

    private static readonly string Sound = string.Concat(Enumerable.Repeat("some sound ", 20_000));

    private static readonly string File = Part("file\"; filename=\"a.wav", Sound);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task An_alias_is_replaced_in_the_form_before_and_after_the_file(bool modelFirst, bool chunked) // yarp trap 3
    {
        var (project, key) = await scene.CreateAsync(new { });
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { ears = "openai/gpt-4o-mini-transcribe" } });

        var response = await SendAsync(key, Form("ears", modelFirst), chunked);

        Assert.Equal(200, response.Status);
        var received = scene.Provider.Requests[^1];
        Assert.Equal(Form("gpt-4o-mini-transcribe", modelFirst), received.BodyText);
        Assert.Equal(chunked ? BodyFraming.Chunked : BodyFraming.ContentLength, received.Framing);
        Assert.Equal([ContentType], received.Values("Content-Type"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_form_without_an_alias_passes_byte_for_byte(bool modelFirst)
    {
        var (_, key) = await scene.CreateAsync(new { });

        var response = await SendAsync(key, Form("whisper-1", modelFirst));

        Assert.Equal(200, response.Status);
        Assert.Equal(Form("whisper-1", modelFirst), scene.Provider.Requests[^1].BodyText);
    }

    [Fact]
    public async Task Rewritten_forms_on_one_connection_do_not_mix()
    {
        var (_, key) = await scene.CreateAsync(new { });
        using var client = await RawClient.ConnectAsync(scene.Edge);

        for (var i = 0; i < 3; i++)
        {
            var form = Form("openai/whisper-1", modelFirst: i % 2 == 0);
            await client.SendHeadAsync(key, Path, ContentType, $"Content-Length: {form.Length}");
            await client.SendAsync(form);
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
            Assert.Equal(Form("whisper-1", modelFirst: i % 2 == 0), scene.Provider.Requests[^1].BodyText);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_model_cannot_be_smuggled_past_the_check(bool behindTheFile)
    {
        var (project, _) = await scene.CreateAsync(new { });
        var key = await scene.Edge.CreateKeyAsync(project, more: new { allowed_models = AllowedModels });
        var before = scene.Provider.Requests.Count;
        var second = Part("model", "gpt-4o-transcribe");

        var response = await SendAsync(key, Part("model", "whisper-1") + (behindTheFile ? File + second : second + File) + "--b--\r\n");

        Assert.Equal((400, "INVALID_REQUEST"), (response.Status, response.ErrorCode));
        Assert.Equal(before, scene.Provider.Requests.Count);
        Assert.DoesNotContain(scene.Edge.Logs.Lines, line => line.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=another")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    public async Task A_wrong_boundary_gives_400(string contentType)
    {
        var (_, key) = await scene.CreateAsync(new { });

        var response = await SendAsync(key, Form("whisper-1", modelFirst: true), contentType: contentType);

        Assert.Equal((400, "INVALID_REQUEST"), (response.Status, response.ErrorCode));
    }

    [Fact]
    public async Task A_form_for_a_model_that_the_key_may_not_use_is_refused()
    {
        var (project, _) = await scene.CreateAsync(new { });
        var key = await scene.Edge.CreateKeyAsync(project, more: new { allowed_models = AllowedModels });

        var response = await SendAsync(key, Form("gpt-4o-transcribe", modelFirst: false));

        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS"), (response.Status, response.ErrorCode));
    }

    private static string Part(string name, string value) => $"--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";

    private static string Form(string model, bool modelFirst) =>
        (modelFirst ? Part("model", model) + File : File + Part("model", model)) + Part("language", "de") + "--b--\r\n";

    private async Task<RawResponse> SendAsync(string key, string form, bool chunked = false, string contentType = ContentType)
    {
        using var client = await RawClient.ConnectAsync(scene.Edge);
        await client.SendHeadAsync(key, Path, contentType, chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {form.Length}");
        if (chunked)
        {
            foreach (var piece in Encoding.ASCII.GetBytes(form).Chunk(10_007))
            {
                await client.SendChunkAsync(piece);
            }

            await client.SendAsync("0\r\n\r\n");
        }
        else
        {
            await client.SendAsync(form);
        }

        return await client.ReadResponseAsync();
    }
}
