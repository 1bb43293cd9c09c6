using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>The base URL on a new key's page.</summary>
public sealed class PublicAddressTests
{
    [Fact]
    public async Task The_base_URL_is_the_data_planes_and_never_the_administrations()
    {
        await using var edge = await RunningEdge.StartAsync(["Admin:Urls=http://127.0.0.1:0"]);
        Assert.Contains($"{edge.Address}v1", await SamplesAsync(new Uri(edge.Urls.Last())));
    }

    [Theory]
    [InlineData("https://edge.example.com/", "https://edge.example.com/v1")]
    [InlineData("https://example.com/llm/v1", "https://example.com/llm/v1")]
    public async Task The_setting_overrides_the_base_URL(string set, string expected)
    {
        await using var edge = await RunningEdge.StartAsync(["PublicUrl=" + set]);
        Assert.Contains(expected + "/chat/completions", await SamplesAsync(edge.Address));
    }

    [Theory]
    [InlineData("edge.example.com")]
    [InlineData("ftp://edge.example.com")]
    [InlineData("https://edge.example.com/?a=b")]
    public async Task An_invalid_address_stops_the_start(string set)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync(["PublicUrl=" + set]));
        Assert.Contains("PublicUrl", refusal.Message);
    }

    private static async Task<string> SamplesAsync(Uri dashboard)
    {
        using var client = new PageClient(dashboard);
        await client.GetAsync("/dashboard/sign-in");
        await client.SubmitAsync("/dashboard/sign-in", ("token", RunningEdge.AdminToken));
        await client.GetAsync(client.Document.QuerySelector("main article a")!.GetAttribute("href") + "/keys/new");
        await client.SubmitAsync("/dashboard/p/", ("name", "test"), ("environment", "test"));
        return client.Document.QuerySelector(".samples")!.TextContent;
    }
}
