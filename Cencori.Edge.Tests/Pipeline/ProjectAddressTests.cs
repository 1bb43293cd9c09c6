using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Which provider addresses a project may set. Addresses that the operator sets may be on loopback: here, <c>openai</c> has such an address.</summary>
public sealed class ProjectAddressTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly ScriptedProvider _provider = new();
    private RunningEdge _edge = null!;

    public async Task InitializeAsync()
    {
        _provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        _edge = await RunningEdge.StartAsync(_provider, RunningEdge.Destination("groq", _provider.Address), $"ReverseProxy:Clusters:groq:Metadata:Proxy={_provider.Address}");
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    public async Task A_loopback_address_is_refused_in_any_notation(string host)
    {
        var (project, key) = await ProjectAtAsync($"http://{host}:{_provider.Address.Port}/v1");

        await AssertRefusedAsync(project, key, "openai");
        Assert.Empty(_provider.Requests);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("https://169.254.169.254")]
    [InlineData("http://[fd00:ec2::254]/latest")]
    [InlineData("https://10.0.0.1:8443/v1")]
    [InlineData("http://[fe80::1]/v1")]
    [InlineData("http://224.0.0.1/v1")]
    [InlineData("http://100.64.0.1/v1")]
    public async Task An_address_outside_the_public_networks_is_refused_without_a_connection(string address)
    {
        var (project, key) = await ProjectAtAsync(address);

        await AssertRefusedAsync(project, key, "openai");
    }

    [Fact]
    public async Task A_project_cannot_reuse_an_open_connection_to_the_operators_address()
    {
        var common = await _edge.CreateKeyAsync(await _edge.CreateProjectAsync("openai"));
        using var response = await _edge.PostAsync(common, "/v1/chat/completions", ScriptedEdge.Chat);
        Assert.Equal(200, (int)response.StatusCode);
        await response.Content.LoadIntoBufferAsync();

        var (project, key) = await ProjectAtAsync(new Uri(_provider.Address, "v1").AbsoluteUri);
        await AssertRefusedAsync(project, key, "openai");
        Assert.Single(_provider.Requests);
    }

    [Theory]
    [InlineData("http://10.1.2.3/v1")]
    [InlineData("https://10.1.2.3/v1")]
    [InlineData("http://[::ffff:10.1.2.3]/v1")]
    public async Task A_proxy_does_not_get_requests_for_refused_addresses(string address)
    {
        var (project, key) = await ProjectAtAsync(address, "groq");

        await AssertRefusedAsync(project, key, "groq");
        Assert.Empty(_provider.Requests);
    }

    [Fact]
    public async Task The_operators_proxy_on_loopback_gets_requests_for_public_addresses()
    {
        var (_, key) = await ProjectAtAsync("http://9.9.9.9/v1", "groq");
        using var response = await _edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.ChatOf("groq/x"));

        Assert.Equal(200, (int)response.StatusCode);
        var requested = await _provider.NextRequestAsync();
        Assert.Equal(("http://9.9.9.9/v1/chat/completions", "9.9.9.9"), (requested.Target, Assert.Single(requested.Values("Host"))));
    }

    [Fact]
    public async Task A_request_that_comes_back_to_the_edge_gives_508_and_is_recorded()
    {
        await using var edge = await RunningEdge.StartAsync([RunningEdge.LoopbackIsOpen]);
        var project = await edge.CreateProjectAsync();
        await edge.StoreProviderKeyAsync(project, "openai", baseUrl: new Uri(edge.Address, "v1").AbsoluteUri);
        var error = await edge.PostAsync(await edge.CreateKeyAsync(project), "/v1/chat/completions", ScriptedEdge.Chat).NestedErrorAsync();

        Assert.Equal((508, "LOOP_DETECTED", "false"), (error.Status, error.Code, error.Header("x-should-retry")));
        var record = await RecordOfAsync(edge, project);
        Assert.Equal((508, "LOOP_DETECTED", RequestOutcome.Error), (record.Status, record.ErrorCode, record.Outcome));
    }

    [Fact]
    public async Task A_chain_of_edges_is_no_loop_until_it_closes()
    {
        await using var second = await RunningEdge.StartAsync(_provider, RunningEdge.LoopbackIsOpen);
        var project = await second.CreateProjectAsync("openai");
        var key = await second.CreateKeyAsync(project);
        await using var first = await RunningEdge.StartAsync([RunningEdge.Destination("openai", second.Address)]);
        var outer = await first.CreateProjectAsync();
        await first.SendAdminAsync(HttpMethod.Post, $"/api/projects/{outer}/provider-keys", new { provider = "openai", apiKey = key });
        var outerKey = await first.CreateKeyAsync(outer);

        using (var response = await first.PostAsync(outerKey, "/v1/chat/completions", ScriptedEdge.Chat))
        {
            Assert.Equal(200, (int)response.StatusCode);
        }

        await second.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = outerKey, baseUrl = new Uri(first.Address, "v1").AbsoluteUri });
        Assert.Equal("LOOP_DETECTED", (await first.PostAsync(outerKey, "/v1/chat/completions", ScriptedEdge.Chat).NestedErrorAsync()).Code);
    }

    private async Task<(string Project, string Key)> ProjectAtAsync(string address, string provider = "openai")
    {
        var project = await _edge.CreateProjectAsync();
        await _edge.StoreProviderKeyAsync(project, provider, baseUrl: address);
        return (project, await _edge.CreateKeyAsync(project));
    }

    private async Task AssertRefusedAsync(string project, string key, string provider)
    {
        var error = await _edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.ChatOf($"{provider}/gpt-4o")).NestedErrorAsync();

        Assert.Equal((503, "PROVIDER_UNAVAILABLE", "address_not_allowed", "false"), (error.Status, error.Code, error.Reason, error.Header("x-should-retry")));
        Assert.Contains("Egress:AllowedNetworks", error.Message, StringComparison.Ordinal);
        var record = await RecordOfAsync(_edge, project);
        Assert.Equal((503, "PROVIDER_UNAVAILABLE", 0m), (record.Status, record.ErrorCode, record.CostUsd));
        Assert.Equal("never_sent", Assert.Single(record.Attempts!).Outcome);
    }

    private static async Task<RequestRecord> RecordOfAsync(RunningEdge edge, string project)
    {
        List<RequestRecord> found = [];
        await Eventually.IsTrueAsync(async () =>
        {
            await edge.Records().FlushAsync();
            found = [.. (await edge.RowsAsync()).Where(record => record.ProjectId == project)];
            return found.Count > 0;
        });
        return Assert.Single(found);
    }
}
