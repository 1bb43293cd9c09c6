using System.Text.Json.Nodes;
using Cencori.Edge.Agents;
using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Lifetime and number of pending actions.</summary>
public sealed class PendingActionTests(ClockedEdge fixture) : IClassFixture<ClockedEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;
    private readonly PendingActions _actions = fixture.Edge.Services.GetRequiredService<PendingActions>();

    [Fact]
    public async Task An_undecided_action_is_rejected_after_a_day()
    {
        var (agent, key) = await AgentAsync();
        var id = Assert.Single(await _actions.AddAsync(fixture.ProjectId, agent, "r", [new("call_1", "delete", "{}")], default));
        fixture.Clock.Advance(PendingActions.Lifetime - TimeSpan.FromMilliseconds(1));
        Assert.Equal("pending", (string?)(await PollAsync(key, id))["actions"]![id]!["status"]);
        fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));

        var poll = await PollAsync(key, id);
        Assert.Equal(("rejected", true, true), ((string?)poll["actions"]![id]!["status"], (bool)poll["all_resolved"]!, (bool)poll["any_rejected"]!));
        var path = $"/api/projects/{fixture.ProjectId}/agents/{agent}/actions";
        using var late = await _edge.Admin.PostAsync($"{path}/{id}/approve", null);
        Assert.Equal((409, "CONFLICT"), ((int)late.StatusCode, (await late.ErrorAsync()).Code));
        Assert.Empty((await _edge.SendAdminAsync(HttpMethod.Get, path + "?status=pending"))["data"]!.AsArray());
        Assert.Single((await _edge.SendAdminAsync(HttpMethod.Get, path + "?status=rejected"))["data"]!.AsArray());
    }

    [Fact]
    public async Task Endless_calls_of_an_agent_do_not_fill_the_database_or_remove_pending_actions()
    {
        var (agent, _) = await AgentAsync();
        var calls = Enumerable.Range(0, 250).Select(_ => new RequestedCall("c", "t", "{\0}")).ToList();

        // Uses its own clock: moving the edge's clock by a month would start much other work.
        var clock = new FakeTimeProvider(fixture.Clock.GetUtcNow());
        var contexts = _edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        var actions = new PendingActions(contexts, clock);
        using var retention = new PendingActionRetention(
            contexts, _edge.Services.GetRequiredService<DatabaseStartup>(), clock, NullLogger<PendingActionRetention>.Instance);
        for (var day = 0; day < 2; day++)
        {
            for (var round = 0; round < 4; round++)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await actions.AddAsync(fixture.ProjectId, agent, $"d{day}r{round}", calls, default);
            }

            var full = await Assert.ThrowsAsync<ShadowException>(() => actions.AddAsync(fixture.ProjectId, agent, "more", calls[..1], default));
            Assert.Contains("the maximum of 1000 pending tool calls", full.Message, StringComparison.Ordinal);
            await retention.DeleteAsync(default);
            Assert.Equal(PendingActions.MaxOfAgent, (await actions.ListAsync(fixture.ProjectId, agent, ActionStatus.Pending, default)).Count);
            clock.Advance(PendingActions.Lifetime);
        }

        await actions.AddAsync(fixture.ProjectId, agent, "last", calls[..1], default);
        await retention.DeleteAsync(default);
        Assert.Equal(["d1r0", "d1r1", "d1r2", "d1r3"], await KeptAsync(actions, agent, ActionStatus.Rejected));
        Assert.Equal(["last"], await KeptAsync(actions, agent, ActionStatus.Pending));

        clock.Advance(PendingActions.Lifetime + PendingActionRetention.KeptAfterwards);
        await retention.DeleteAsync(default);
        Assert.Equal(["last"], await KeptAsync(actions, agent, null));
        clock.Advance(TimeSpan.FromSeconds(1));
        await retention.DeleteAsync(default);
        Assert.Empty(await KeptAsync(actions, agent, null));
    }

    [Fact]
    public async Task A_list_cuts_long_arguments_and_a_single_action_has_all_of_them()
    {
        var (agent, key) = await AgentAsync();
        var arguments = new string('x', PendingActions.LongestListed + 5);
        var ids = await _actions.AddAsync(fixture.ProjectId, agent, "r", [new("c", "t", arguments), new("c", "t", arguments[..PendingActions.LongestListed])], default);
        var path = $"/api/projects/{fixture.ProjectId}/agents/{agent}/actions";
        var listed = (await _edge.SendAdminAsync(HttpMethod.Get, path))["data"]!.AsArray().ToDictionary(action => (string)action!["id"]!, action => (string)action!["arguments"]!);
        Assert.Equal((arguments[..PendingActions.LongestListed] + "…", arguments[..PendingActions.LongestListed]), (listed[ids[0]], listed[ids[1]]));
        Assert.Equal(arguments, (string?)(await _edge.SendAdminAsync(HttpMethod.Get, $"{path}/{ids[0]}"))["arguments"]);
        using var unknown = await _edge.Admin.GetAsync(path + "/act_1");
        Assert.Equal(404, (int)unknown.StatusCode);

        var poll = await PollAsync(key, $"{ids[0]},act_%00,%00,{new string('a', 100)},act_é");
        Assert.Equal(ids[0], Assert.Single(poll["actions"]!.AsObject()).Key);
        Assert.False((bool)poll["all_resolved"]!);
    }

    [Theory]
    [InlineData("?status=open", "status")]
    [InlineData("?state=pending", "state")]
    public async Task An_unknown_filter_is_refused(string query, string param)
    {
        var (agent, _) = await AgentAsync();
        using var response = await _edge.Admin.GetAsync($"/api/projects/{fixture.ProjectId}/agents/{agent}/actions{query}");
        Assert.Equal((400, param), ((int)response.StatusCode, (await response.ErrorAsync()).Param));
    }

    private async Task<IEnumerable<string>> KeptAsync(PendingActions actions, string agent, ActionStatus? status) =>
        (await actions.ListAsync(fixture.ProjectId, agent, status, default)).Select(action => action.RequestId).Distinct().Order();

    private async Task<JsonNode> PollAsync(string key, string id)
    {
        using var response = await _edge.SendAsync(key, HttpMethod.Get, $"/v1/agent/actions/poll?ids={id}");
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private async Task<(string AgentId, string Key)> AgentAsync()
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId, isShadow: true);
        return (agent, await _edge.CreateKeyAsync(fixture.ProjectId, "agent", more: new { agent_id = agent }));
    }
}
