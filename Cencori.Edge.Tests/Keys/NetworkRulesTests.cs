using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Keys;

/// <summary>From which networks a key may be used: which address counts, and what a refused caller is told.</summary>
public sealed class NetworkRulesTests(ProxiedEdge at) : IClassFixture<ProxiedEdge>
{
    private const string Chat = "/v1/chat/completions";
    private const string List = """["203.0.113.0/24","2001:db8::/32"]""";

    [Theory]
    [InlineData(null, null, "198.51.100.1", 200)]
    [InlineData(List, null, "203.0.113.1", 200)]
    [InlineData(List, null, "203.0.112.255", 403)]
    [InlineData(List, null, "203.0.114.0", 403)]
    [InlineData(List, null, "203.0.113.1:4711", 200)]
    [InlineData(List, null, "::ffff:203.0.113.1", 200)]
    [InlineData(List, null, "::ffff:198.51.100.1", 403)]
    [InlineData(List, null, "2001:db8::1", 200)]
    [InlineData(List, null, "2001:db9::1", 403)]
    [InlineData("""["::ffff:203.0.113.0/120"]""", null, "203.0.113.9", 200)]
    [InlineData("[]", null, "203.0.113.1", 403)]
    [InlineData("""["0.0.0.0/0"]""", null, "2001:db8::1", 403)]
    [InlineData("""["::/0"]""", null, "203.0.113.1", 403)]

    // Only the key has a list, or both the project and the key have one.
    [InlineData(null, List, "203.0.113.1", 200)]
    [InlineData(null, List, "198.51.100.1", 403)]
    [InlineData(null, "[]", "203.0.113.1", 403)]
    [InlineData(List, """["203.0.113.7"]""", "203.0.113.7", 200)]
    [InlineData(List, """["203.0.113.7"]""", "203.0.113.8", 403)]
    [InlineData(List, """["198.51.100.0/24"]""", "198.51.100.1", 403)]

    // Addresses that the caller wrote into X-Forwarded-For are to the left of the address that the proxy added.
    [InlineData(List, null, "203.0.113.1, 198.51.100.1", 403)]
    [InlineData(List, null, "203.0.113.1, 203.0.113.2, 198.51.100.1, 10.0.0.7", 403)]
    [InlineData(List, null, "198.51.100.1, 203.0.113.1", 200)]
    [InlineData(List, null, "198.51.100.1, 203.0.113.1, 10.0.0.7", 200)]
    [InlineData(List, null, "203.0.113.1, 198.51.100.1\r\nX-Forwarded-For: 10.0.0.7", 403)]
    [InlineData(List, null, "203.0.113.1\r\nX-Forwarded-For: 198.51.100.1", 403)]
    [InlineData(List, null, "203.0.113.1, nonsense, 10.0.0.7", 403)]
    [InlineData(List, null, "203.0.113.1, unknown", 403)]
    [InlineData("""["127.0.0.0/8"]""", null, "203.0.113.1, unknown", 403)]
    [InlineData(List, null, "::ffff:cb00:7107%\", 198.51.100.1", 403)]
    [InlineData("""["127.0.0.0/8"]""", null, "\", 198.51.100.1", 403)]

    // A proxy that sends no header counts as the caller itself.
    [InlineData(List, null, "", 403)]
    [InlineData("""["127.0.0.1"]""", null, "", 200)]
    [InlineData("""["127.0.0.1"]""", null, "203.0.113.1", 403)]
    public async Task Behind_known_proxies_the_address_that_they_saw_counts(string? project, string? key, string forwarded, int status)
    {
        var (_, _, full) = await at.CreateAsync(project, key);
        using var client = await RawClient.ConnectAsync(at.Edge);
        await client.PostAsync(full, Chat, ScriptedEdge.Chat, forwarded.Length == 0 ? "" : $"X-Forwarded-For: {forwarded}\r\n");

        var response = await client.ReadResponseAsync();
        Assert.Equal(status, response.Status);
        Assert.Equal(status == 403, response.Body.Contains("\"reason\":\"network_not_allowed\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_request_of_a_connection_is_checked_separately()
    {
        var (_, _, key) = await at.CreateAsync(List, null);
        using var client = await RawClient.ConnectAsync(at.Edge);
        foreach (var (forwarded, status) in ((string, int)[])[("X-Forwarded-For: 203.0.113.1\r\n", 200), ("", 403), ("X-Forwarded-For: 198.51.100.1\r\n", 403), ("X-Forwarded-For: 203.0.113.2\r\n", 200)])
        {
            await client.PostAsync(key, Chat, ScriptedEdge.Chat, forwarded);
            Assert.Equal(status, (await client.ReadResponseAsync()).Status);
        }
    }

    [Theory]
    [InlineData("X-Cencori-User-IP")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Original-For")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("Forwarded")]
    public async Task No_other_header_tells_the_callers_address(string header)
    {
        var (_, _, key) = await at.CreateAsync(List, null);
        var value = header == "Forwarded" ? "for=203.0.113.1" : "203.0.113.1";

        Assert.Equal("network_not_allowed", (await at.Edge.PostAsync(key, Chat, ScriptedEdge.Chat, (header, value)).ErrorAsync()).Reason);
        Assert.Equal("network_not_allowed", (await at.Edge.PostAsync(key, Chat, ScriptedEdge.Chat, (header, value), ("X-Forwarded-For", "198.51.100.1")).ErrorAsync()).Reason);
    }

    [Fact]
    public async Task Without_known_proxies_only_the_connection_counts()
    {
        await using var edge = await RunningEdge.StartAsync(at.Provider);
        var (inside, outside) = (await CreateAsync("""["127.0.0.0/8"]"""), await CreateAsync(List));
        foreach (var forwarded in (string[])["203.0.113.1", "127.0.0.1", "203.0.113.1, 127.0.0.1"])
        {
            using var response = await edge.PostAsync(inside, Chat, ScriptedEdge.Chat, ("X-Forwarded-For", forwarded));
            Assert.Equal((200, 403), ((int)response.StatusCode, (await edge.PostAsync(outside, Chat, ScriptedEdge.Chat, ("X-Forwarded-For", forwarded)).ErrorAsync()).Status));
        }

        async Task<string> CreateAsync(string cidrs)
        {
            var project = await edge.CreateProjectAsync("openai");
            await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/networking", $$"""{"access_mode":"restricted","allowed_cidrs":{{cidrs}}}""");
            return await edge.CreateKeyAsync(project);
        }
    }

    [Fact]
    public async Task A_caller_on_a_Unix_socket_has_no_address_whatever_it_sends()
    {
        var path = Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():N}.sock");
        await using var edge = await RunningEdge.StartAsync(at.Provider, $"urls=http://127.0.0.1:0;http://unix:{path}", "ForwardedHeaders:KnownProxies=127.0.0.1");
        var (open, restricted) = (await edge.CreateProjectAsync("openai"), await edge.CreateProjectAsync("openai"));
        await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{restricted}/networking", """{"access_mode":"restricted","allowed_cidrs":["0.0.0.0/0","::/0"]}""");
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        foreach (var (project, status) in ((string, int)[])[(open, 200), (restricted, 403)])
        {
            var key = await edge.CreateKeyAsync(project);
            foreach (var forwarded in (string?[])[null, "203.0.113.1"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"http://edge{Chat}") { Content = RunningEdge.Json(ScriptedEdge.Chat) };
                request.Headers.Authorization = new("Bearer", key);
                request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
                using var response = await http.SendAsync(request);
                Assert.Equal(status, (int)response.StatusCode);
            }
        }

        Assert.Contains(edge.Logs.Lines, line => line.EventName == "NetworkRefused" && line.Text.Contains("no address", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_refusal_tells_nothing_about_the_lists_and_the_log_names_the_caller_once_a_minute()
    {
        var responses = new HashSet<string>();
        foreach (var (project, key, owner) in ((string?, string?, string)[])[(List, null, "project"), (null, List, "key"), ("[]", null, "project"), (List, """["203.0.113.7"]""", "project")])
        {
            var (projectId, keyId, full) = await at.CreateAsync(project, key);
            for (var turn = 0; turn < 3; turn++)
            {
                using var response = await at.Edge.PostAsync(full, Chat, ScriptedEdge.Chat, ("X-Forwarded-For", "::ffff:198.51.100.1"));
                Assert.Equal("false", response.Header("x-should-retry"));
                responses.Add(await response.Content.ReadAsStringAsync());
            }

            var line = Assert.Single(at.Edge.Logs.Lines, line => line.EventName == "NetworkRefused" && line.Text.Contains(keyId, StringComparison.Ordinal));
            Assert.Contains($"key {keyId} of project {projectId} came from 198.51.100.1, which is not in the allowed networks of the {owner}", line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(full, line.Text, StringComparison.Ordinal);
            Assert.All(await at.Edge.RowsOfAsync(projectId, 3), record => Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", keyId), (record.Status, record.ErrorCode, record.KeyId)));
        }

        Assert.Equal("""{"error":{"message":"This key may not be used from this network.","type":"permission_error","param":null,"code":"INSUFFICIENT_PERMISSIONS","reason":"network_not_allowed"}}""", Assert.Single(responses));
    }

    [Fact]
    public async Task A_refused_request_uses_no_limit_and_its_body_is_not_read()
    {
        var (project, _, key) = await at.CreateAsync(List, null);
        await at.Edge.SetLimitsAsync(project, new { requests_per_minute = 1, burst = 1 });
        foreach (var path in (string[])[Chat, "/api/ai/chat", "/v1/files"])
        {
            // The announced body is never sent.
            using var client = await RawClient.ConnectAsync(at.Edge);
            await client.SendHeadAsync(key, path, "application/json", "Content-Length: 1000\r\nX-Forwarded-For: 198.51.100.1");
            Assert.Equal(403, (await client.ReadResponseAsync()).Status);
        }

        using var inside = await at.ChatAsync(key, null, ("X-Forwarded-For", "203.0.113.1"));
        using var after = await at.ChatAsync(key, null, ("X-Forwarded-For", "203.0.113.1"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (inside.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task The_administration_is_not_restricted_by_the_lists()
    {
        var (project, _, key) = await at.CreateAsync("[]", null);
        using var read = new HttpRequestMessage(HttpMethod.Get, $"/api/projects/{project}/networking") { Headers = { { "X-Forwarded-For", "198.51.100.1" } } };
        using var response = await at.Edge.Admin.SendAsync(read);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        using var pages = await PageClient.SignedInAsync(at.Edge);
        await pages.GetAsync($"/dashboard/p/{project}/playground");
        var requests = at.Provider.Requests.Count;
        await pages.SubmitAsync(pages.Document.QuerySelector("form.playground")!.GetAttribute("action")!, ("model", "gpt-4o"), ("content", "hello"));
        Assert.Equal((HttpStatusCode.OK, requests + 1), (pages.Response.StatusCode, at.Provider.Requests.Count));
        Assert.Equal(HttpStatusCode.Forbidden, (await at.ChatAsync(key)).StatusCode);
    }

    [Fact]
    public async Task A_change_applies_to_the_next_request()
    {
        var (project, id, key) = await at.CreateAsync(null, null);
        var of = $"/api/projects/{project}";
        async Task<HttpStatusCode> AskAsync() => (await at.ChatAsync(key, null, ("X-Forwarded-For", "203.0.113.1"))).StatusCode;

        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        await at.RestrictAsync(project, """["198.51.100.0/24"]""");
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync());
        await at.Edge.SendAdminAsync(HttpMethod.Put, $"{of}/networking", """{"access_mode":"public","allowed_cidrs":["198.51.100.0/24"]}""");
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        await at.Edge.SendAdminAsync(HttpMethod.Patch, $"{of}/api-keys/{id}", """{"allowed_cidrs":["198.51.100.1"]}""");
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync());

        // A rotated key keeps the list of the key that it replaces.
        var successor = (await at.Edge.SendAdminAsync(HttpMethod.Post, $"{of}/api-keys/{id}/rotate"))["apiKey"]!;
        Assert.Equal("""["198.51.100.1/32"]""", successor["allowed_cidrs"]!.ToJsonString());
        Assert.Equal(HttpStatusCode.Forbidden, (await at.ChatAsync((string)successor["full_key"]!, null, ("X-Forwarded-For", "203.0.113.1"))).StatusCode);
        await at.Edge.SendAdminAsync(HttpMethod.Patch, $"{of}/api-keys/{id}", """{"allowed_cidrs":null}""");
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
    }

    [Theory]
    [InlineData("""{}""", """["203.0.113.0/24","2001:db8::/32"]""")]
    [InlineData("""{"allowed_cidrs":null}""", """["203.0.113.0/24","2001:db8::/32"]""")]
    [InlineData("""{"allowed_cidrs":["::ffff:203.0.113.64/122"]}""", """["203.0.113.64/26"]""")]
    [InlineData("""{"allowed_cidrs":[]}""", "[]")]
    [InlineData("""{"allowed_cidrs":["203.0.112.0/23"]}""", null)]
    [InlineData("""{"allowed_cidrs":["203.0.113.1","198.51.100.1"]}""", null)]
    public async Task A_key_cannot_grant_networks_beyond_its_own_list(string body, string? cidrs)
    {
        var (project, _, maker) = await at.CreateAsync(null, List);
        using var response = await at.Edge.PostAsync(maker, $"/v1/agents/{await at.Edge.CreateAgentAsync(project)}/keys", body, ("X-Forwarded-For", "203.0.113.1"));
        if (cidrs is null)
        {
            var refusal = await response.ErrorAsync();
            Assert.Equal((403, "network_not_allowed", "allowed_cidrs"), (refusal.Status, refusal.Reason, refusal.Param));
            return;
        }

        var created = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((201, cidrs), ((int)response.StatusCode, created["allowed_cidrs"]!.ToJsonString()));
        Assert.Equal("network_not_allowed", (await at.Edge.PostAsync((string)created["full_key"]!, Chat, ScriptedEdge.Chat, ("X-Forwarded-For", "198.51.100.1")).ErrorAsync()).Reason);
    }
}
