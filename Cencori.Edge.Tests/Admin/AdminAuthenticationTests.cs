using System.Net.Http.Headers;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin;

public class AdminAuthenticationTests
{
    public static TheoryData<string, string> Calls() => new()
    {
        { "GET", "/api/projects" }, { "POST", "/api/projects" }, { "GET", "/api/projects/p" }, { "PATCH", "/api/projects/p" },
        { "DELETE", "/api/projects/p" }, { "POST", "/api/projects/p/api-keys" }, { "GET", "/api/projects/p/api-keys" },
        { "GET", "/api/projects/p/api-keys/k" }, { "PATCH", "/api/projects/p/api-keys/k" }, { "POST", "/api/projects/p/api-keys/k/rotate" }, { "GET", "/api/projects/p/provider-keys" },
        { "POST", "/api/projects/p/provider-keys" }, { "DELETE", "/api/projects/p/provider-keys/openai" },
        { "GET", "/api/projects/p/rate-limits" }, { "PUT", "/api/projects/p/rate-limits" }, { "GET", "/API/Projects" }, { "GET", "/api/projects/nothing/here/at/all" },
    };

    [Fact]
    public async Task No_call_works_without_the_token_nor_with_a_project_key()
    {
        await using var edge = await RunningEdge.StartAsync();
        var key = edge.Welcome.TestKey!;
        foreach (var call in Calls())
        {
            var (method, path) = ((string)call[0], (string)call[1]);
            var none = await SendAsync(edge, method, path, null).ErrorAsync();
            Assert.Equal((401, "INVALID_API_KEY"), (none.Status, none.Code));

            var bearer = await SendAsync(edge, method, path, key).ErrorAsync();
            Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "key_type"), (bearer.Status, bearer.Code, bearer.Reason));

            using var request = new HttpRequestMessage(new(method), path);
            request.Headers.TryAddWithoutValidation("CENCORI_API_KEY", key);
            var own = await edge.Http.SendAsync(request).ErrorAsync();
            Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "key_type"), (own.Status, own.Code, own.Reason));
        }
    }

    [Fact]
    public async Task After_five_wrong_tokens_in_a_minute_the_address_is_refused_with_the_right_one_too()
    {
        await using var edge = await RunningEdge.StartAsync();
        for (var wrong = 0; wrong < 5; wrong++)
        {
            Assert.Equal(401, (await SendAsync(edge, "GET", "/api/projects", "not-the-admin-token").ErrorAsync()).Status);
        }

        foreach (var token in (string[])["not-the-admin-token", RunningEdge.AdminToken])
        {
            using var response = await SendAsync(edge, "GET", "/api/projects", token);
            Assert.InRange(response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
            var refusal = await response.ErrorAsync();
            Assert.Equal((429, "RATE_LIMIT_EXCEEDED"), (refusal.Status, refusal.Code));
        }
    }

    [Fact]
    public async Task A_wrong_token_counts_even_beside_other_credentials()
    {
        await using var edge = await RunningEdge.StartAsync(["ForwardedHeaders:KnownProxies=127.0.0.1"]);
        var key = edge.Welcome.TestKey!;
        (string Name, string Value)[][] requests =
        [
            [("Authorization", "Bearer not-the-admin-token"), ("CENCORI_API_KEY", "x")],
            [("Authorization", "Bearer not-the-admin-token"), ("CENCORI_API_KEY", key)],
            [("CENCORI_API_KEY", ""), ("Authorization", "bearer   not-the-admin-token ")],
            [("Authorization", $"Bearer {key}"), ("Authorization", "Bearer not-the-admin-token")],
            [("Authorization", $"Bearer {RunningEdge.AdminToken}"), ("Authorization", "Bearer not-the-admin-token")],
            [("Authorization", $"Bearer {key}x"), ("Origin", "https://elsewhere.example"), ("Cookie", "a=b")],
            [("Authorization", $"Bearer {RunningEdge.AdminToken}x"), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Protocol", "openai-insecure-api-key.x")],
        ];
        for (var number = 0; number < requests.Length; number++)
        {
            (string, string)[] request = [.. requests[number], ("X-Forwarded-For", $"203.0.113.{number}")];
            for (var wrong = 0; wrong < 5; wrong++)
            {
                using var refused = await edge.SendAsync(null, wrong % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, "/api/projects/p", null, request);
                Assert.Equal(401, (int)refused.StatusCode);
            }

            using var shutOut = await edge.SendAsync(RunningEdge.AdminToken, HttpMethod.Get, "/api/projects", null, request[^1]);
            Assert.Equal(429, (int)shutOut.StatusCode);
        }
    }

    [Fact]
    public async Task Missing_tokens_and_project_keys_do_not_count_as_guesses()
    {
        await using var edge = await RunningEdge.StartAsync();
        for (var call = 0; call < 10; call++)
        {
            using var none = await SendAsync(edge, "GET", "/api/projects", null);
            using var key = await SendAsync(edge, "GET", "/api/projects", edge.Welcome.TestKey);
        }

        using var response = await SendAsync(edge, "GET", "/api/projects", RunningEdge.AdminToken);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task The_admin_token_is_not_accepted_as_a_project_key()
    {
        await using var edge = await RunningEdge.StartAsync();
        Assert.Equal(401, (await SendAsync(edge, "GET", "/v1/models", RunningEdge.AdminToken).ErrorAsync()).Status);
    }

    private static Task<HttpResponseMessage> SendAsync(RunningEdge edge, string method, string path, string? token)
    {
        var request = new HttpRequestMessage(new(method), path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return edge.Http.SendAsync(request);
    }
}
