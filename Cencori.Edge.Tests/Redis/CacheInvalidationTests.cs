using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Redis;

/// <summary>A change on one edge applies on the other one within a second.</summary>
[Collection(nameof(Alone))]
public sealed class CacheInvalidationTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [RedisFact]
    public async Task A_key_revoked_on_one_edge_is_refused_on_the_other_within_a_second_under_load()
    {
        var key = await edges.CreateKeyAsync(edges.ProjectId);
        var id = await IdOfAsync(key);
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await TwoEdges.ChatAsync(edges.B, edges.Key);
            }
        })).ToList();

        await edges.A.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{edges.ProjectId}/api-keys/{id}", new { revoked = true });

        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, key) == 401, Second);
        Assert.Equal(401, await TwoEdges.ChatAsync(edges.A, key));
        await stop.CancelAsync();
        await Task.WhenAll(load);
    }

    [RedisFact]
    public async Task A_key_created_on_one_edge_works_on_the_other_within_a_second()
    {
        for (var i = 0; i < 5; i++)
        {
            var key = await edges.A.CreateKeyAsync(edges.ProjectId);
            await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, key) == 200, Second);
        }
    }

    [RedisFact]
    public async Task Limits_changed_on_one_edge_apply_on_the_other_within_a_second()
    {
        var (project, key) = await edges.CreateAsync(new { requests_per_minute = 1, burst = 1 });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
        Assert.Equal(429, await TwoEdges.ChatAsync(edges.B, key));

        await edges.A.SetLimitsAsync(project, new { });

        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, key) == 200, Second);
    }

    [RedisFact]
    public async Task A_credential_deleted_on_one_edge_is_gone_on_the_other_within_a_second()
    {
        var (project, key) = await edges.CreateAsync(new { });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));

        await edges.A.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/provider-keys/openai");

        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, key) == 400, Second);
    }

    [RedisFact]
    public async Task A_prompt_deployed_or_deleted_on_one_edge_changes_on_the_other_within_a_second()
    {
        var (project, key) = await edges.CreateAsync(new { });
        var prompt = await edges.A.CreatePromptAsync(project, "guide", "One.");
        await Eventually.IsTrueAsync(async () => await AskAsync() == "One.", Second);

        await edges.A.DeployAsync(project, prompt, "Two.");
        await Eventually.IsTrueAsync(async () => await AskAsync() == "Two.", Second);
        await edges.A.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/prompts/{prompt["prompt"]!["id"]}");
        await Eventually.IsTrueAsync(async () => await AskAsync() is null, Second);

        async Task<string?> AskAsync()
        {
            using var response = await edges.B.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat, PromptScene.Headers("guide"));
            return response.IsSuccessStatusCode ? (string?)JsonNode.Parse(edges.Provider.Requests[^1].BodyText)!["messages"]![0]!["content"] : null;
        }
    }

    [RedisFact]
    public async Task A_subscriber_that_lost_its_connection_refreshes_everything_when_it_is_back()
    {
        var key = await edges.CreateKeyAsync(edges.ProjectId);
        var id = await IdOfAsync(key);
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
        await edges.Redis.KillAsync();

        await edges.A.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{edges.ProjectId}/api-keys/{id}", new { revoked = true });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
        await edges.Redis.RestartAsync();

        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, key) == 401);
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, edges.Key));
    }

    private async Task<string> IdOfAsync(string key)
    {
        var keys = await edges.A.SendAdminAsync(HttpMethod.Get, $"/api/projects/{edges.ProjectId}/api-keys");
        return (string)keys["apiKeys"]!.AsArray().Cast<JsonNode>().Single(one => key.EndsWith((string)one["last_four"]!, StringComparison.Ordinal) && key.StartsWith((string)one["key_prefix"]!, StringComparison.Ordinal))["id"]!;
    }
}
