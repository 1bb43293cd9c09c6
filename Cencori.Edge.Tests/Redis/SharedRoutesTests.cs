using System.Text;
using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Cencori.Edge.Tests.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Redis;

/// <summary>A route that changes on one edge is used by the other one.</summary>
public sealed class SharedRoutesTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    // Without the announcement it would take 30 s.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [RedisFact]
    public async Task A_route_change_on_one_edge_is_known_on_the_other()
    {
        var (project, _) = await edges.CreateAsync(new { });
        var path = $"/api/projects/{project}/routes/chat";
        async Task<string?> ModelAsync() =>
            (await edges.B.Services.GetRequiredService<ProjectCache>().GetAsync(project))!.Routes.GetValueOrDefault("chat")?.Groups[0].Targets[0].Model;

        // The other edge has cached the project without a route.
        Assert.Null(await ModelAsync());
        foreach (var model in (string[])["gpt-4o", "o3"])
        {
            await edges.A.SendAdminAsync(HttpMethod.Put, path, new { groups = new[] { new { targets = new[] { new { model = "openai/" + model } } } } });
            await Eventually.IsTrueAsync(async () => await ModelAsync() == model, Soon);
        }

        await edges.A.SendAdminAsync(HttpMethod.Delete, path);
        await Eventually.IsTrueAsync(async () => await ModelAsync() is null, Soon);
    }

    [RedisFact]
    public async Task A_canary_stopped_on_one_edge_is_stopped_on_the_other_and_reset_on_both()
    {
        var (project, key) = await edges.CreateAsync(new { });
        edges.Provider.Respond((request, response) => (Encoding.UTF8.GetString(request.Body.Span).Contains("\"new\"", StringComparison.Ordinal) ? FleetEdge.Refuse(500) : FleetEdge.RespondOk())(request, response));
        await edges.A.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/fast", """{"groups":[{"balance":"split","targets":[{"model":"openai/old"},{"model":"openai/new"}]}]}""");
        async Task<List<string>> StoppedAsync(RunningEdge edge) =>
            [.. (await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/targets"))["targets"]!.AsArray().Where(target => (string?)target!["reason"] == "stopped").Select(target => $"{target!["id"]} {target["model"]}")];
        async Task<int> SendAsync(RunningEdge edge, int user)
        {
            using var edgeResponse = await edge.PostAsync(key, "/v1/chat/completions", $$"""{"model":"fast","user":"u{{user}}","messages":[{"role":"user","content":"Hello!"}]}""");
            await edgeResponse.Content.LoadIntoBufferAsync();
            return (int)edgeResponse.StatusCode;
        }

        // An edge learns of stopped canaries only after its first request.
        await Eventually.IsTrueAsync(async () => await SendAsync(edges.B, 0) != 404);
        for (var round = 0; round < 50 && (await StoppedAsync(edges.A)).Count == 0; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(user => SendAsync(edges.A, user)));
        }

        var stopped = Assert.Single(await StoppedAsync(edges.A));
        Assert.EndsWith(" new", stopped, StringComparison.Ordinal);
        await Eventually.IsTrueAsync(async () => (await StoppedAsync(edges.B)).SequenceEqual([stopped]));

        await edges.B.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/targets/{stopped.Split(' ')[0]}/reset");
        await Eventually.IsTrueAsync(async () => (await StoppedAsync(edges.A)).Count == 0);
    }
}
