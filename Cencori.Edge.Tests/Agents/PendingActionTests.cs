using System.Text.Json.Nodes;
using Cencori.Edge.Agents;
using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Agents;

/// <summary>How long pending actions wait, and how many are kept.</summary>
public sealed class PendingActionTests(ClockedEdge fixture) : IClassFixture<ClockedEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;
    private readonly PendingActions _actions = fixture.Edge.Services.GetRequiredService<PendingActions>();

    [Fact]
    public async Task What_nobody_has_decided_in_a_day_is_rejected()
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
    public async Task An_agent_that_asks_without_end_fills_no_database()
    {
        var (agent, _) = await AgentAsync();
        var calls = Enumerable.Range(0, 300).Select(_ => new RequestedCall("c", "t", "{\0}")).ToList();
        for (var round = 0; round < 5; round++)
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            await _actions.AddAsync(fixture.ProjectId, agent, $"r{round}", calls, default);
        }

        var kept = await _actions.ListAsync(fixture.ProjectId, agent, null, default);
        Assert.Equal(PendingActions.MostOfAgent, kept.Count);
        Assert.Equal(["r1", "r2", "r3", "r4"], kept.Select(action => action.RequestId).Distinct().Order());
    }

    [Theory]
    [InlineData("?status=open", "status")]
    [InlineData("?state=pending", "state")]
    public async Task A_filter_that_there_is_not_is_refused(string query, string param)
    {
        var (agent, _) = await AgentAsync();
        using var answer = await _edge.Admin.GetAsync($"/api/projects/{fixture.ProjectId}/agents/{agent}/actions{query}");
        Assert.Equal((400, param), ((int)answer.StatusCode, (await answer.ErrorAsync()).Param));
    }

    private async Task<JsonNode> PollAsync(string key, string id)
    {
        using var answer = await _edge.SendAsync(key, HttpMethod.Get, $"/v1/agent/actions/poll?ids={id}");
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task<(string AgentId, string Key)> AgentAsync()
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId, isShadow: true);
        return (agent, await _edge.CreateKeyAsync(fixture.ProjectId, "agent", more: new { agent_id = agent }));
    }
}
