using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Browser;

/// <summary>Publishable keys in pages of a real browser, which enforces CORS as no test client does.</summary>
[Collection(nameof(PageScene))]
public sealed class PublishableKeyTests(PageScene scene)
{
    private const string AzurePath = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";

    private static readonly string[] Limits =
    [
        "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "x-request-id", "server-timing",
    ];

    [ChromiumTheory]
    [InlineData("app.example.com", "/v1/chat/completions", "Authorization")]
    [InlineData("EXAMPLE.com", "/api/v1/chat/completions", "CENCORI_API_KEY")]
    [InlineData("localhost", AzurePath, "api-key")]
    [InlineData("bücher.example", "/v1/responses", "x-api-key")]
    [InlineData("xn--bcher-kva.example", "/v1/completions", "x-goog-api-key")]
    public async Task A_page_that_the_key_lists_reads_the_response_and_the_limits(string host, string path, string header)
    {
        var page = await scene.OpenAsync(host);
        var response = await scene.FetchAsync(page, path, scene.PageKey, """{"model":"gpt-4o","messages":[],"input":"hi","prompt":"hi"}""", header: header);
        await page.Context.CloseAsync();

        Assert.Equal((null, 200), (response.Failure, response.Status));
        Assert.Equal("hi", response.Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Empty(Limits.Except(response.Headers!.Keys));
        Assert.Equal("6000", response.Headers["x-ratelimit-limit"]);
    }

    [ChromiumTheory]
    [InlineData("/v1/chat/completions")]
    public async Task A_page_reads_a_stream_as_it_comes(string path)
    {
        var firstRead = new TaskCompletionSource();
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            var events = ScriptedProvider.ChatChunks("gpt-4o", ["one ", "two"]);
            await response.SendChunkAsync($"data: {events[0]}\n\n");
            await response.SendChunkAsync($"data: {events[1]}\n\n");
            await response.HoldAsync(firstRead.Task);
            await response.SseAsync(events.Skip(2));
        });
        var page = await scene.OpenAsync("app.example.com");
        await page.ExposeFunctionAsync("seen", (string text) => _ = text.Contains("one ", StringComparison.Ordinal) && firstRead.TrySetResult());
        var text = await page.EvaluateAsync<string>("""
            async ({ url, key, body }) => {
                const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body });
                let text = `${answer.headers.get('x-ratelimit-remaining')} `;
                for (const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
                    const { done, value } = await reader.read();
                    if (done) return text;
                    text += value;
                    window.seen(text);
                }
            }
            """, new { url = scene.EdgeUrl + path, key = scene.PageKey, body = ScriptedEdge.StreamedChat });
        await page.Context.CloseAsync();

        Assert.Matches("^[0-9]+ data: ", text);
        Assert.Contains("two", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [ChromiumTheory]
    [InlineData("evil-example.com", "/v1/chat/completions")]
    [InlineData("app.example.com.evil.net", "/api/v1/chat/completions")]
    [InlineData("app.localhost", AzurePath)]
    [InlineData("bucher.example", "/v1/responses")]
    [InlineData(null, "/v1/embeddings")]
    public async Task A_page_of_another_origin_reads_why_it_is_refused(string? host, string path)
    {
        var before = scene.Provider.Requests.Count;
        var page = await scene.OpenAsync(host);
        var response = await scene.FetchAsync(page, path, scene.PageKey, ScriptedEdge.Chat);
        await page.Context.CloseAsync();

        Assert.Equal((null, 403), (response.Failure, response.Status));
        var error = response.Json.GetProperty("error");
        Assert.Equal(("INSUFFICIENT_PERMISSIONS", "origin_not_allowed"), (error.GetProperty("code").GetString(), error.GetProperty("reason").GetString()));
        Assert.Equal("false", response.Headers!["x-should-retry"]);
        Assert.StartsWith("req_", response.Headers["x-request-id"], StringComparison.Ordinal);
        Assert.Equal(before, scene.Provider.Requests.Count);
    }

    [ChromiumFact]
    public async Task A_page_reads_what_went_wrong()
    {
        var limited = await scene.CreateAsync(new { requests_per_minute = 1 });
        var limitedKey = await scene.CreatePageKeyAsync(limited.ProjectId);
        var page = await scene.OpenAsync("app.example.com");

        var unknown = await scene.FetchAsync(page, "/v1/chat/completions", "cpk_" + new string('0', 48), ScriptedEdge.Chat);
        var type = await scene.FetchAsync(page, "/v1/messages", scene.PageKey, ScriptedEdge.Chat, header: "x-api-key");
        var model = await scene.FetchAsync(page, "/v1/chat/completions", scene.PageKey, ScriptedEdge.ChatOf("no-such-model"));
        var nothing = await scene.FetchAsync(page, "/chat/completions", scene.PageKey, ScriptedEdge.Chat);
        var large = await scene.FetchAsync(page, "/v1/chat/completions", scene.PageKey, ScriptedEdge.ChatOf(new string('x', 1_200_000)));
        await scene.FetchAsync(page, "/v1/chat/completions", limitedKey, ScriptedEdge.Chat);
        var often = await scene.FetchAsync(page, "/v1/chat/completions", limitedKey, ScriptedEdge.Chat);
        await page.Context.CloseAsync();

        Assert.Equal((401, "INVALID_API_KEY"), StatusAndCode(unknown));
        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS"), StatusAndCode(type));
        Assert.Equal((404, "MODEL_NOT_FOUND"), StatusAndCode(model));
        Assert.Equal((404, "NOT_FOUND"), StatusAndCode(nothing));
        Assert.Equal((413, "REQUEST_TOO_LARGE"), StatusAndCode(large));
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED"), StatusAndCode(often));
        Assert.InRange(int.Parse(often.Headers!["retry-after-ms"], System.Globalization.CultureInfo.InvariantCulture), 1, 60_000);
        Assert.True(often.Headers.ContainsKey("retry-after"));
        Assert.Equal("0", often.Headers["x-ratelimit-remaining"]);
    }

    [ChromiumFact]
    public async Task A_page_cannot_use_a_secret_key_or_the_administration()
    {
        var before = scene.Provider.Requests.Count;
        var page = await scene.OpenAsync("app.example.com");
        var secret = await scene.FetchAsync(page, "/v1/chat/completions", scene.Key, ScriptedEdge.Chat);
        var administration = await scene.FetchAsync(page, "/api/projects", RunningEdge.AdminToken, """{"name":"made by a page"}""");
        await page.Context.CloseAsync();

        Assert.Equal(("TypeError", 0), (secret.Failure, secret.Status));
        Assert.Equal(before + 1, scene.Provider.Requests.Count);
        Assert.Equal(("TypeError", 0), (administration.Failure, administration.Status));
        Assert.DoesNotContain("made by a page", (await scene.Edge.SendAdminAsync(HttpMethod.Get, "/api/projects")).ToJsonString(), StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task A_stream_that_a_page_aborts_has_a_record()
    {
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync($"data: {ScriptedProvider.ChatChunks("gpt-4o", ["one"])[1]}\n\n");
            await response.WaitForAbortAsync();
        });
        var page = await scene.OpenAsync("app.example.com");
        var id = await page.EvaluateAsync<string>("""
            async ({ url, key, body }) => {
                const leaving = new AbortController();
                const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body, signal: leaving.signal });
                await answer.body.getReader().read();
                leaving.abort();
                return answer.headers.get('x-request-id');
            }
            """, new { url = scene.EdgeUrl + "/v1/chat/completions", key = scene.PageKey, body = ScriptedEdge.StreamedChat });
        await page.Context.CloseAsync();

        await Eventually.IsTrueAsync(async () =>
        {
            using var record = await scene.Edge.Admin.GetAsync($"/api/projects/{scene.ProjectId}/logs/{id}");
            return record.IsSuccessStatusCode && (await record.Content.ReadAsStringAsync()).Contains("\"cancelled\"", StringComparison.Ordinal);
        });
    }

    private static (int Status, string? Code) StatusAndCode(PageResponse response) => (response.Status, response.Json.GetProperty("error").GetProperty("code").GetString());
}
