using System.Net.Http.Headers;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>How the edge changes a request's body on its way to the provider.</summary>
public sealed class RequestBodyTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private static readonly string[] OneModel = ["gpt-4o"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_JSON_body_arrives_unchanged_and_with_its_length_for_any_framing(bool chunked)
    {
        // yarp traps 3 and 5
        const string Sent = "{ \"model\" :\t\"gpt-4o\",\r\n \"messages\":[{\"role\":\"user\",\"content\":\"d\\u00e9j\u00e0 \ud83d\ude00\"}], \"unknown\": 1e2 }\n";
        using var request = Post(Sent);
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await openai.Edge.Http.SendAsync(request);
        var received = await openai.Provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(Sent, received.BodyText);
        Assert.Equal(BodyFraming.ContentLength, received.Framing);
        Assert.Equal([$"{Encoding.UTF8.GetByteCount(Sent)}"], received.Values("Content-Length"));
        Assert.Empty(received.Values("Transfer-Encoding"));
    }

    [Theory]
    [InlineData("fast", "openai/gpt-4o-mini-2024-07-18", "gpt-4o-mini-2024-07-18")]
    [InlineData("a-very-long-name-for-a-very-short-model", "openai:o3", "o3")]
    public async Task An_alias_changes_only_the_models_bytes_and_the_length(string alias, string target, string upstream)
    {
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{openai.ProjectId}", new { model_aliases = new Dictionary<string, string> { [alias] = target } });
        string Body(string model) => $$"""{"messages":[{"role":"user","content":"model: {{alias}}"}], "model" : "{{model}}","metadata":{"model":"{{alias}}"} }""";

        using var response = await openai.ChatAsync(body: Body(alias));
        var received = await openai.Provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(Body(upstream), received.BodyText);
        Assert.Equal([$"{Body(upstream).Length}"], received.Values("Content-Length"));
    }

    [Theory]
    [InlineData("openai/gpt-4o")]
    [InlineData("openai:gpt-4o")]
    public async Task An_explicit_provider_is_removed_from_the_model_name(string model)
    {
        using var response = await openai.ChatAsync(body: ScriptedEdge.ChatOf(model));

        Assert.Equal(ScriptedEdge.Chat, (await openai.Provider.NextRequestAsync()).BodyText);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","model":"gpt-4o-mini","messages":[]}""")]
    [InlineData("""{"model":"gpt-4o","messages":[],"mod\u0065l":"gpt-4o-mini"}""")]
    public async Task A_repeated_model_cannot_smuggle_in_a_model_that_the_key_may_not_use(string body)
    {
        var free = await openai.Edge.CreateKeyAsync(openai.ProjectId);
        var bound = await openai.Edge.CreateKeyAsync(openai.ProjectId, more: new { allowed_models = OneModel });

        using var refused = await openai.ChatAsync(bound, body);
        using var response = await openai.ChatAsync(free, body);
        var received = await openai.Provider.NextRequestAsync();

        Assert.Equal(403, (int)refused.StatusCode);
        Assert.True(response.IsSuccessStatusCode);
        Assert.DoesNotContain("\"gpt-4o\"", received.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_multipart_upload_keeps_its_bytes_its_boundary_and_its_length()
    {
        byte[] sound = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];
        using var form = new MultipartFormDataContent("the-boundary") { { new StringContent("whisper-1"), "model" }, { new ByteArrayContent(sound), "file", "a.wav" } };
        var sent = await form.ReadAsByteArrayAsync();

        using var response = await openai.Edge.SendAsync(openai.Key, HttpMethod.Post, "/v1/audio/transcriptions", form);
        var received = await openai.Provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("/v1/audio/transcriptions", received.Target);
        Assert.Equal(["multipart/form-data; boundary=\"the-boundary\""], received.Values("Content-Type"));
        Assert.Equal(BodyFraming.ContentLength, received.Framing);
        Assert.True(received.Body.Span.SequenceEqual(sent));
    }

    private HttpRequestMessage Post(string body) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = RunningEdge.Json(body),
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", openai.Key) },
    };
}
