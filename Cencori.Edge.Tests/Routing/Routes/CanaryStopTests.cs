using System.Text.Json.Nodes;
using Cencori.Edge.Routing.Routes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>A canary that fails much more often than the stable target loses its share, until it is reset.</summary>
public sealed class CanaryStopTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private const int InOneGo = 100;

    [Fact]
    public async Task A_failing_canary_is_stopped_reported_and_restarted_by_a_reset()
    {
        var (project, key, accounts) = await fleet.CreateProvidersAsync(RespondOk(), Refuse(500));
        await SetAsync(project, Split());
        using var metrics = new MetricRecorder();
        Assert.InRange(await SendUntilStoppedAsync(project, key), CanaryTest.MinRequests, 3_000);

        // Users of the stopped canary now have the stable target as their first. Users of the stable target have not moved.
        var requested = accounts[1].Count;
        Assert.All(await SendAsync(key, InOneGo), response => Assert.Equal(("openai", null), response));
        Assert.Equal(requested, accounts[1].Count);

        var stopped = Assert.Single(await StoppedAsync(project));
        Assert.Equal(("groq", "model-of-groq", "stopped", null, "fast", "openai/model-of-openai"), ((string?)stopped["provider"], (string?)stopped["model"], (string?)stopped["reason"], (long?)stopped["wait_ms"], (string?)stopped["stopped"]!["route"], (string?)stopped["stopped"]!["stable"]));
        var figures = stopped["stopped"]!["figures"]!;
        Assert.True((long)figures["requests"]! >= CanaryTest.MinRequests && (long)figures["failures"]! == (long)figures["requests"]! && (long)figures["stable_requests"]! > 0 && (long)figures["stable_failures"]! == 0, figures.ToJsonString());
        Assert.Equal("openai ready 1, groq stopped 0", await ExplainAsync(project));
        Assert.Single(fleet.Edge.Logs.Lines, line => line.EventName == "CanaryStopped" && line.Text.Contains(project, StringComparison.Ordinal));
        Assert.Contains("cencori.edge.canaries.stopped route=fast", metrics.Tags);

        // A change of other settings leaves the canary stopped.
        await fleet.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { name = "another name" });
        Assert.All(await SendAsync(key, 20), response => Assert.Equal(("openai", null), response));
        Assert.Single(await StoppedAsync(project));

        accounts[1].Script = RespondOk();
        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/targets/{stopped["id"]}/reset");
        Assert.Empty(await StoppedAsync(project));
        Assert.Contains(await SendAsync(key, InOneGo), response => response.Provider == "groq");
    }

    [Fact]
    public async Task Saving_a_route_starts_its_canaries_again()
    {
        var (project, key, _) = await fleet.CreateProvidersAsync(RespondOk(), Refuse(500));
        await SetAsync(project, Split());
        await SendUntilStoppedAsync(project, key);
        await SetAsync(project, Split());
        Assert.Empty(await StoppedAsync(project));
    }

    [Fact]
    public async Task Client_errors_stop_no_canary_and_auto_stop_can_be_off()
    {
        foreach (var (script, isOff) in new[] { (Refuse(400), false), (Refuse(500), true) })
        {
            var (project, key, _) = await fleet.CreateProvidersAsync(RespondOk(), script);
            var split = Split();
            if (isOff)
            {
                split["auto_stop"] = false;
            }

            await SetAsync(project, split);
            for (var sent = 0; sent < 1_500; sent += InOneGo)
            {
                await SendAsync(key, InOneGo);
            }

            Assert.Empty(await StoppedAsync(project));
        }
    }

    private static JsonObject Split()
    {
        var (stable, canary) = (Target(0), Target(1));
        (stable["weight"], canary["weight"]) = (3, 2);
        return new JsonObject { ["balance"] = "split", ["targets"] = new JsonArray(stable, canary) };
    }

    private Task<JsonNode> SetAsync(string project, JsonObject group) => fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(group) });

    private async Task<int> SendUntilStoppedAsync(string project, string key)
    {
        for (var sent = InOneGo; sent <= 5_000; sent += InOneGo)
        {
            await SendAsync(key, InOneGo);
            if ((await StoppedAsync(project)).Count > 0)
            {
                return sent;
            }
        }

        throw new InvalidOperationException("The canary was not stopped.");
    }

    // Each request is of another user. The users are the same in every round.
    private async Task<(string? Provider, string? Fallback)[]> SendAsync(string key, int count) => await Task.WhenAll(Enumerable.Range(0, count).Select(async user =>
    {
        using var response = await fleet.ChatAsync(key, $$"""{"model":"fast","user":"u{{user}}","messages":[{"role":"user","content":"Hello!"}]}""");
        return (Header(response, "x-cencori-provider"), Header(response, "x-cencori-fallback"));
    }));

    private async Task<List<JsonNode>> StoppedAsync(string project) =>
        [.. (await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/targets"))["targets"]!.AsArray().OfType<JsonNode>().Where(target => (string?)target["reason"] == "stopped")];

    private async Task<string> ExplainAsync(string project)
    {
        var explained = await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/routes/fast/explain", new { request = JsonNode.Parse(ScriptedEdge.ChatOf("fast")) });
        return string.Join(", ", explained["targets"]!.AsArray().Select(target => $"{((string)target!["model"]!).Split('/')[0]} {target["state"]} {target["share"]}"));
    }
}
