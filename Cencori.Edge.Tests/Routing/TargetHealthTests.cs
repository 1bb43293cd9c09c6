using System.Net;
using System.Net.Sockets;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Which responses of a provider count against which target.</summary>
public sealed class TargetHealthTests(FleetEdge fleet) : IClassFixture<FleetEdge>
{
    [Fact]
    public async Task Streams_that_begin_well_and_break_count_as_failures()
    {
        var (_, key, accounts) = await fleet.CreateAsync(
            async (_, response) =>
            {
                await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
                await response.SendChunkAsync("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n");
                await response.ResetAsync();
            },
            RespondOk());
        for (var request = 0; request < 5; request++)
        {
            using var broken = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
            Assert.Contains("PROVIDER_ERROR", await broken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal([5, 1], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData("/v1/moderations", """{"model":"gpt-4o","input":"x"}""")]
    [InlineData("/v1/images/generations", """{"prompt":"x"}""")]
    public async Task An_endpoint_that_a_provider_lacks_does_not_affect_other_endpoints(string path, string body)
    {
        static Task OnlyChats(ReceivedRequest request, ScriptedResponse response) => (request.Target.EndsWith("/chat/completions", StringComparison.Ordinal) ? RespondOk() : Refuse(404))(request, response);
        var (_, key, accounts) = await fleet.CreateAsync(OnlyChats, OnlyChats);
        for (var request = 0; request < 2; request++)
        {
            using var missing = await fleet.Edge.PostAsync(key, path, body);
            Assert.Equal(404, (int)missing.StatusCode);
        }

        (await fleet.ChatAsync(key)).Dispose();
        Assert.EndsWith("/chat/completions", accounts[0].Requests.Last().Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_multipart_form_is_sent_only_once_and_the_next_one_goes_elsewhere()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(401), RespondOk());
        foreach (var status in (int[])[502, 200])
        {
            using var form = new ByteArrayContent(Encoding.UTF8.GetBytes("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b--\r\n"));
            form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
            using var response = await fleet.Edge.SendAsync(key, HttpMethod.Post, "/v1/audio/transcriptions", form);
            Assert.Equal(status, (int)response.StatusCode);
        }

        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task Failover_from_unreachable_addresses_uses_no_attempts_and_its_time_is_not_the_edges()
    {
        var (project, key, accounts) = await fleet.CreateAsync(RespondOk(), RespondOk(), RespondOk(), RespondOk(), RespondOk());
        for (var place = 0; place < 4; place++)
        {
            using var closed = new TcpListener(IPAddress.Loopback, 0);
            closed.Start();
            var nowhere = closed.LocalEndpoint;
            closed.Stop();
            await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = accounts[place].Secret, name = $"account {place}", baseUrl = $"http://{nowhere}/v1" });
        }

        using var response = await fleet.ChatAsync(key);
        Assert.Equal((200, "5"), ((int)response.StatusCode, response.Headers.GetValues("x-cencori-attempts").Single()));
        var row = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal(["never_sent", "never_sent", "never_sent", "never_sent", "completed"], row.Attempts!.Select(attempt => attempt.Outcome));
        Assert.True(row.EdgeMicroseconds > 0);
    }

    [Theory]
    [InlineData((64 * 1024) - 1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(8_000_000)]
    public async Task The_second_attempt_sends_the_same_body_byte_for_byte(int size)
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429), RespondOk());
        const string Begin = """{"model":"gpt-4o","messages":[{"role":"user","content":" """;
        const string End = """ "}]}""";
        var body = Begin + new string('x', size - Begin.Length - End.Length) + End;
        using var response = await fleet.ChatAsync(key, body);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.All(accounts, account => Assert.Equal(body, account.Requests.Single().BodyText));
    }

    [Fact]
    public async Task Each_Azure_address_gets_the_api_version_that_it_understands()
    {
        var (project, key, accounts) = await fleet.CreateAsync(RespondOk(), RespondOk());
        var place = 0;
        foreach (var path in (string[])["/openai/v1", "/openai/deployments/gpt-4o"])
        {
            await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "azure-openai", apiKey = accounts[place].Secret, name = $"azure {place}", rank = place++, baseUrl = $"{fleet.Provider.Address.GetLeftPart(UriPartial.Authority)}{path}" });
        }

        accounts[0].Script = Refuse(429);
        using var response = await fleet.Edge.PostAsync(null, "/openai/deployments/azure-openai%2Fgpt-4o/chat/completions?api-version=2024-10-21", """{"messages":[]}""", ("api-key", key));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(["/openai/v1/chat/completions", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"], accounts.Select(account => account.Requests.Single().Target));
    }

    [Fact]
    public async Task Five_hundred_concurrent_requests_find_the_working_target_and_leave_no_slot_or_cost_behind()
    {
        const int Requests = 500;
        var (project, key, accounts) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "60")), Refuse(401), RespondOk());
        await fleet.Edge.SetLimitsAsync(project, new { concurrent_requests = Requests });
        var responses = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => fleet.ChatAsync(key)));
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(Requests, accounts[2].Count);
        var rows = await fleet.Edge.RowsOfAsync(project, Requests);
        Assert.Equal(accounts.Sum(account => account.Count), rows.Sum(row => row.Attempts?.Count ?? 1));
        Assert.Single(rows.Select(row => row.CostUsd).Distinct());
        await fleet.Edge.SetLimitsAsync(project, new { concurrent_requests = 1 });
        (await fleet.ChatAsync(key)).EnsureSuccessStatusCode().Dispose();
    }
}
