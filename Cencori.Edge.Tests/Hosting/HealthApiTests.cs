using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Hosting;

public sealed class HealthApiTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [Theory]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("HEAD", "/health/live", 200)]
    [InlineData("GET", "/health/ready", 200)]
    [InlineData("HEAD", "/health/ready", 200)]
    [InlineData("POST", "/health/live", 405)]
    [InlineData("POST", "/health/ready", 405)]
    public async Task Health_endpoints_need_no_key(string method, string path, int status)
    {
        await using var edge = await RunningEdge.StartAsync();
        await HealthResponse.UntilAsync(edge.Http, "ready");
        using var response = await edge.SendAsync(null, new(method), path);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_ready_edge_lists_its_checks()
    {
        await using var edge = await RunningEdge.StartAsync();

        var ready = await HealthResponse.UntilAsync(edge.Http, "ready");

        Assert.Equal(200, ready.Code);
        Assert.Subset(ready.Checks.Keys.ToHashSet(), new HashSet<string> { "drain", "database", "configuration", "prices" });
        Assert.All(ready.Checks.Values, status => Assert.Equal("ok", status));
    }

    [Fact]
    [Trait(SlowestTests.Trait, "A file is polled every second, and each change is read twice.")]
    public async Task A_refused_change_of_yarp_json_is_degraded_until_a_valid_one_is_in_force()
    {
        var shipped = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "yarp.json"));
        var file = Path.Combine(_directory, "yarp.json");
        var (prices, list) = (Path.Combine(_directory, "prices.json"), """{"prices":[]}""");
        await File.WriteAllTextAsync(file, shipped);
        await File.WriteAllTextAsync(prices, list);
        await MigratedDatabase.PrepareAsync(_directory);
        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = await edge.ListeningAsync() };

        await File.WriteAllTextAsync(file, "{ recognisable");
        var degraded = await HealthResponse.UntilAsync(http, "degraded");
        Assert.Equal((200, "refused", "ok"), (degraded.Code, degraded.Checks["configuration"], degraded.Checks["database"]));
        Assert.DoesNotContain("recognisable", degraded.Text, StringComparison.Ordinal);
        Assert.Contains("Line 1 is not JSON.", degraded.Text, StringComparison.Ordinal);

        await File.WriteAllTextAsync(prices, """{"prices":[{"provider":"openai","modle":"m","input":1,"output":1}]}""");
        await Eventually.IsTrueAsync(async () => (await HealthResponse.ReadAsync(http)).Checks["prices"] == "refused");
        Assert.Contains("there is no such field as 'modle'. Did you mean 'model'?", JsonNode.Parse((await HealthResponse.ReadAsync(http)).Text)!["checks"]!["prices"]!["reason"]!.ToString(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(prices, list);

        await File.WriteAllTextAsync(file, shipped);
        Assert.Equal("ok", (await HealthResponse.UntilAsync(http, "ready")).Checks["configuration"]);
    }

    [Fact]
    public async Task A_provider_that_shadows_models_of_another_is_reported_in_log_and_health()
    {
        await using var edge = await RunningEdge.StartAsync(
        [
            "ReverseProxy:Routes:provider/acme:Match:Path=/.provider/acme/{**path}", "ReverseProxy:Routes:provider/acme:AuthorizationPolicy=nobody", "ReverseProxy:Routes:provider/acme:ClusterId=acme",
            "ReverseProxy:Clusters:acme:Destinations:default:Address=http://127.0.0.1:1", "ReverseProxy:Clusters:acme:Metadata:Credential=None", "ReverseProxy:Clusters:acme:Metadata:Models=acme-* gpt-4o*",
        ]);
        const string Told = "Cluster 'acme': Metadata:Models takes models of 'openai'";
        var response = await HealthResponse.UntilAsync(edge.Http, "degraded");

        Assert.Equal((200, "doubtful"), (response.Code, response.Checks["configuration"]));
        Assert.Contains(Told, JsonNode.Parse(response.Text)!["checks"]!["configuration"]!["reason"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains(Told, Assert.Single(edge.Logs.Lines, line => line.EventName == "ConfigurationDoubtful").Text, StringComparison.Ordinal);
    }

    public void Dispose() => RunDirectory.Delete(_directory);
}
