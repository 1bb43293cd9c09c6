using System.Net;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>HTTP/1.1 cannot say whether a request was processed. A request that has begun to leave is never sent again, because it may have been billed.</summary>
public sealed class BodiesSentOnceTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task A_kept_connection_that_ends_during_a_request_gives_502_and_the_request_is_sent_once(int size)
    {
        await using var provider = new ScriptedProvider();
        provider.Enqueue((_, response) => response.JsonAsync(200, "{}"));
        provider.Enqueue((_, response) => response.CloseAsync());
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await edge.CreateOpenAIKeyAsync();
        using var first = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);

        var error = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat.Replace("Hello!", new string('x', size), StringComparison.Ordinal)).NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_ERROR"), (error.Status, error.Code));
        Assert.Equal([1, 1], provider.Requests.Select(request => request.Connection));
    }

    [Fact]
    public async Task A_kept_connection_that_ended_before_a_request_loses_no_request()
    {
        await using var provider = new ScriptedProvider();
        var closed = new TaskCompletionSource();
        provider.Enqueue(async (_, response) =>
        {
            await response.JsonAsync(200, "{}");
            await response.CloseAsync();
            closed.SetResult();
        });
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await edge.CreateOpenAIKeyAsync();
        using var first = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);

        await closed.Task.WaitAsync(Eventually.Timeout, TimeProvider.System);
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(300), "The edge notices the end of a connection only after a moment.");
        using var second = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal([1, 2], provider.Requests.Select(request => request.Connection));
    }
}
