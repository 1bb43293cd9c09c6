using System.ClientModel;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using OpenAI;
using OpenAI.Chat;

namespace Cencori.Edge.Tests.Pipeline.Limits;

/// <summary>How the official SDK reacts to a reached limit. Runs in real time, because the SDK waits on its own clock.</summary>
public class LimitsSdkTests
{
    [Fact]
    public async Task The_official_SDK_waits_for_Retry_After_and_then_succeeds() // field trap 20
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        await using var edge = await RunningEdge.StartAsync(provider);
        var (project, key) = await CreateAsync(edge);
        await edge.SetLimitsAsync(project, new { requests_per_minute = 30, burst = 1 });
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(edge.Address, "/v1") }).GetChatClient("gpt-4o");

        // Measured from before the first request: the refill of two seconds begins while that request runs.
        var start = TimeProvider.System.GetTimestamp();
        await client.CompleteChatAsync("first");
        ChatCompletion second = await client.CompleteChatAsync("second");
        var took = TimeProvider.System.GetElapsedTime(start);

        Assert.Equal("hi", second.Content[0].Text);
        Assert.Equal(2, provider.Requests.Count);
        Assert.Contains(await edge.RowsOfAsync(project, 3), row => row.Status == 429);
        Assert.InRange(took, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task The_official_SDK_does_not_retry_a_request_that_can_never_pass()
    {
        await using var provider = new ScriptedProvider();
        await using var edge = await RunningEdge.StartAsync(provider);
        var (project, key) = await CreateAsync(edge);
        await edge.SetLimitsAsync(project, new { tokens_per_minute = 10 });

        var refused = await Assert.ThrowsAsync<ClientResultException>(() => edge.OpenAI(key).GetChatClient("gpt-4o").CompleteChatAsync("hello"));

        Assert.Equal(429, refused.Status);
        Assert.Contains("RATE_LIMIT_EXCEEDED", refused.Message, StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    private static async Task<(string ProjectId, string Key)> CreateAsync(RunningEdge edge)
    {
        var project = await edge.CreateProjectAsync("openai");
        return (project, await edge.CreateKeyAsync(project));
    }
}
