using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Walk = System.Func<
    Cencori.Edge.Tests.Infrastructure.Edges.TracedEdge,
    Cencori.Edge.Tests.Pipeline.SecretsTests.Secrets,
    System.Threading.Tasks.Task<System.Net.Http.HttpResponseMessage[]>>;

namespace Cencori.Edge.Tests.Pipeline;

public sealed partial class SecretsTests
{
    private static readonly (string Name, Walk Walk)[] Paths =
    [
        ("success", Post(Chat)),
        ("success on the alias path", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.ProjectKey, "/api/v1/chat/completions", Chat)]),
        ("sandbox", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.TestKey, "/v1/embeddings", $$"""{"model":"text-embedding-3-small","input":"{{Prompt}}"}""")]),
        ("stream", Respond((_, response) => response.SseAsync(["{}"]))),
        ("stream that breaks", Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("data: {}\n\n");
            await response.CloseAsync();
        })),
        ("response that breaks", BreakingAsync),
        ("response that is no HTTP", Respond(async (request, response) =>
        {
            await response.SendAsync($"HTTP/1.1 200 OK\r\n{request.BodyText}\r\n\r\n");
            await response.CloseAsync();
        })),
        ("connection closed at once", Respond((_, response) => response.ResetAsync())),
        ("provider's 401 that shows the key", Respond((_, response) => response.JsonAsync(401, $$$"""{"error":{"message":"Incorrect API key provided: {{{RunningEdge.ProviderKey}}}"}}""", ("WWW-Authenticate", $"Bearer {RunningEdge.ProviderKey}")))),
        ("provider's 403 that shows the key", Respond((request, response) => response.JsonAsync(403, $$"""{"error":"{{RunningEdge.ProviderKey}}"}""", ("ETag", RunningEdge.ProviderKey)))),
        ("provider's redirect that shows the key", Respond((_, response) => response.JsonAsync(307, "{}", ("Location", $"https://example.com/?key={RunningEdge.ProviderKey}")))),
        ("provider's page that shows the request", Respond(async (request, response) =>
        {
            var page = $"<pre>{request.HeadText}{request.BodyText}</pre>";
            await response.SendHeadAsync(500, ("Content-Type", "text/html"), ("Content-Length", $"{page.Length}"));
            await response.SendAsync(page);
        })),
        ("provider that echoes the credential in headers", Respond((request, response) => response.JsonAsync(200, "{}", ("X-Echo", RunningEdge.ProviderKey), ("Authorization", request.Values("Authorization")[0]), ("Set-Cookie", RunningEdge.ProviderKey)))),
        ("unreachable provider", UnreachableAsync),

        ("body that breaks off", Post($$"""{"model":"gpt-4o","messages":[{"role":"user","content":"{{Prompt}}""")),
        ("body that is only the prompt", Post(Prompt)),
        ("body with an invalid escape", Post($$"""{"model":"gpt-4o","messages":"{{Prompt}}\q"}""")),
        ("body with text after its end", Post(Chat + Prompt)),
        ("model of a wrong type", Post($$"""{"model":["{{Prompt}}"],"messages":[]}""")),
        ("messages of a wrong type", Post($$"""{"model":"gpt-4o","messages":"{{Prompt}}"}""")),
        ("stream of a wrong type", Post($$"""{"model":"gpt-4o","stream":"{{Prompt}}","messages":[]}""")),
        ("bound of a wrong type", Post($$"""{"model":"gpt-4o","max_tokens":"{{Prompt}}","messages":[]}""")),
        ("no model", Post($$"""{"messages":[{"role":"user","content":"{{Prompt}}"}]}""")),
        ("body of a wrong media type", async (openai, secrets) => [await openai.Edge.SendAsync(secrets.ProjectKey, HttpMethod.Post, "/v1/chat/completions", new StringContent(Prompt))]),
        ("unknown path", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.ProjectKey, "/v2/nothing", Chat)]),
        ("wrong method", async (openai, secrets) => [await openai.Edge.SendAsync(secrets.ProjectKey, HttpMethod.Put, "/v1/chat/completions", RunningEdge.Json(Chat))]),
        ("form without a model", async (openai, secrets) => [await openai.Edge.SendAsync(secrets.ProjectKey, HttpMethod.Post, "/v1/audio/transcriptions", new MultipartFormDataContent { { new StringContent(Prompt), "prompt" } })]),

        ("revoked key", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.RevokedKey, "/v1/chat/completions", Chat)]),
        ("key with one more character", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.ProjectKey + "0", "/v1/chat/completions", Chat)]),
        ("two different keys", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.ProjectKey, "/v1/chat/completions", Chat, ("CENCORI_API_KEY", secrets.RevokedKey))]),
        ("key as Basic", async (openai, secrets) => [await openai.Edge.PostAsync(null, "/v1/chat/completions", Chat, ("Authorization", $"Basic {secrets.ProjectKey}"))]),
        ("key as x-api-key", async (openai, secrets) => [await openai.Edge.PostAsync(null, "/v1/chat/completions", Chat, ("x-api-key", secrets.ProjectKey))]),
        ("admin token on the data plane", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.AdminToken, "/v1/chat/completions", Chat)]),
        ("limit reached", LimitedAsync),
        ("key in the query, without one in a header", async (openai, secrets) => [await openai.Edge.PostAsync(null, $"/v1/chat/completions?api_key={secrets.ProjectKey}", Chat)]),
        ("key in the query beside the header", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.ProjectKey, $"/v1/chat/completions?api_key={secrets.ProjectKey}", Chat)]),
        ("key in the query under any name, escaped", async (openai, secrets) => [await openai.Edge.PostAsync(secrets.ProjectKey, $"/v1/chat/completions?a=1&K%65y={secrets.ProjectKey.Replace("_", "%5F", StringComparison.Ordinal)}", Chat)]),
        ("admin token in the query", async (openai, secrets) => [await openai.Edge.SendAsync(null, HttpMethod.Get, $"/api/projects?token={secrets.AdminToken}")]),

        ("project key on the administration", async (openai, secrets) => [await openai.Edge.SendAsync(secrets.ProjectKey, HttpMethod.Get, "/api/projects")]),
        ("administration lists", async (openai, secrets) => [.. await Task.WhenAll(((string[])["", "/api-keys", "/provider-keys", "/rate-limits"]).Select(path => openai.Edge.Admin.GetAsync($"/api/projects/{secrets.ProjectId}{path}")))]),
        ("provider key stored again", Admin("provider-keys", $$"""{"provider":"openai","apiKey":"{{RunningEdge.ProviderKey}}"}""")),
        ("provider key with a space", Admin("provider-keys", $$"""{"provider":"openai","apiKey":"{{RunningEdge.ProviderKey}} x"}""")),
        ("provider key for nobody", Admin("provider-keys", $$"""{"provider":"nobody","apiKey":"{{RunningEdge.ProviderKey}}"}""")),
        ("provider key with an unknown field", Admin("provider-keys", $$"""{"provider":"openai","api_key":"{{RunningEdge.ProviderKey}}"}""")),
        ("provider key of a wrong type", Admin("provider-keys", $$"""{"provider":"openai","apiKey":["{{RunningEdge.ProviderKey}}"]}""")),
        ("provider key as an environment", Admin("provider-keys", $$"""{"provider":"openai","apiKey":"x","environment":"{{RunningEdge.ProviderKey}}"}""")),
        ("provider key in a body that breaks off", Admin("provider-keys", $$"""{"provider":"openai","apiKey":"{{RunningEdge.ProviderKey}}""")),
        ("provider key without quotes", Admin("provider-keys", $$"""{"provider":"openai","apiKey":{{RunningEdge.ProviderKey}}}""")),
        ("provider key in its base URL", Admin("provider-keys", $$"""{"provider":"openai","apiKey":"{{RunningEdge.ProviderKey}}","baseUrl":"https://x:{{RunningEdge.ProviderKey}}@example.com"}""")),
        ("provider key as an expiry", Admin("api-keys", $$"""{"name":"x","expires_at":"{{RunningEdge.ProviderKey}}"}""")),
        ("provider key as a domain", Admin("api-keys", $$"""{"name":"x","key_type":"publishable","allowed_domains":["{{RunningEdge.ProviderKey}} "]}""")),
    ];

    private static Walk Post(string body) => async (openai, secrets) => [await openai.Edge.PostAsync(secrets.ProjectKey, "/v1/chat/completions", body)];

    private static Walk Admin(string collection, string body) => async (openai, secrets) => [await openai.Edge.Admin.PostAsync($"/api/projects/{secrets.ProjectId}/{collection}", RunningEdge.Json(body))];

    private static Walk Respond(Func<ReceivedRequest, ScriptedResponse, Task> script) => async (openai, secrets) =>
    {
        openai.Provider.Enqueue(script);
        return [await openai.Edge.PostAsync(secrets.ProjectKey, "/v1/chat/completions", Chat)];
    };

    private static async Task<HttpResponseMessage[]> BreakingAsync(TracedEdge openai, Secrets secrets)
    {
        // A reset could discard headers that the client has not read yet.
        var read = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "500"));
            await response.SendAsync("{");
            await response.HoldAsync(read.Task);
            await response.CloseAsync();
        });
        var edgeResponse = await openai.Edge.PostAsync(secrets.ProjectKey, "/v1/chat/completions", Chat);
        read.SetResult();
        return [edgeResponse];
    }

    private static async Task<HttpResponseMessage[]> UnreachableAsync(TracedEdge openai, Secrets secrets)
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var address = closed.LocalEndpoint;
        closed.Stop();
        await openai.Edge.StoreProviderKeyAsync(secrets.ProjectId, "groq", baseUrl: $"http://{address}/v1");
        var response = await openai.Edge.PostAsync(secrets.ProjectKey, "/v1/chat/completions", Chat.Replace("gpt-4o", "groq/x", StringComparison.Ordinal));
        Assert.Equal(503, (int)response.StatusCode);
        return [response];
    }

    private static async Task<HttpResponseMessage[]> LimitedAsync(TracedEdge openai, Secrets secrets)
    {
        await openai.Edge.SetLimitsAsync(secrets.ProjectId, new { tokens_per_minute = 1 });
        var refused = await openai.Edge.PostAsync(secrets.ProjectKey, "/v1/chat/completions", Chat);
        Assert.Equal(429, (int)refused.StatusCode);
        await openai.Edge.SetLimitsAsync(secrets.ProjectId, new { });
        return [refused];
    }
}
