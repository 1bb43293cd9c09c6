using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Redis;

/// <summary>Whole requests on two edges that share their limits.</summary>
[Collection(nameof(Alone))]
public sealed class SharedLimitsTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    [RedisFact]
    public async Task Two_hundred_concurrent_requests_pass_a_token_limit_for_ten_exactly_ten_times()
    {
        var (_, key) = await edges.CreateAsync(new { tokens_per_minute = 10_000 });

        // Unused tokens would be returned and let more requests pass, so every response uses its whole reservation.
        for (var i = 0; i < 200; i++)
        {
            edges.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 10, 990)));
        }

        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => TokensAsync(i % 2 == 0 ? edges.A : edges.B, key, 1_000)));

        Assert.Equal((10, 190), (statuses.Count(status => status == 200), statuses.Count(status => status == 429)));
    }

    [RedisFact]
    public async Task The_remaining_requests_fall_by_one_whichever_edge_responds()
    {
        var (_, key) = await edges.CreateAsync(new { requests_per_minute = 1, burst = 6 });
        for (var left = 5; left >= 0; left--)
        {
            using var response = await (left % 2 == 0 ? edges.A : edges.B).PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
            Assert.Equal($"{left}", response.Headers.GetValues("x-ratelimit-remaining-requests").Single());
        }

        Assert.Equal(429, await TwoEdges.ChatAsync(edges.A, key));
        Assert.Equal(429, await TwoEdges.ChatAsync(edges.B, key));
    }

    [RedisFact]
    public async Task A_thousand_abandoned_streams_keep_no_slot()
    {
        const int Streams = 1_000;
        var (project, key) = await edges.CreateAsync(new { concurrent_requests = 2 * Streams });
        await edges.A.SetBudgetAsync(project);
        for (var i = 0; i < Streams; i++)
        {
            edges.Provider.Enqueue(async (_, response) =>
            {
                await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
                await response.SendChunkAsync("data: {}\n\n");
                await response.WaitForAbortAsync();
                await response.CloseAsync();
            });
        }

        var streams = new List<HttpResponseMessage>();
        foreach (var batch in Enumerable.Range(0, Streams).Chunk(100))
        {
            streams.AddRange(await Task.WhenAll(batch.Select(i => (i % 2 == 0 ? edges.A : edges.B).PostAsync(key, "/v1/chat/completions", ScriptedEdge.StreamedChat))));
        }

        Assert.All(streams, stream => Assert.Equal(200, (int)stream.StatusCode));
        Assert.Equal(Streams, await edges.Redis.HeldSlotsAsync(project));

        streams.ForEach(stream => stream.Dispose());
        await Eventually.IsTrueAsync(async () => await edges.Redis.HeldSlotsAsync(project) == 0);

        await edges.A.AssertLedgerClosesAsync(project);
        await edges.B.AssertLedgerClosesAsync(project);
    }

    // The text of the request takes 10 tokens.
    private static async Task<int> TokensAsync(RunningEdge edge, string key, long tokens)
    {
        using var response = await edge.PostAsync(key, "/v1/chat/completions", ClockedEdge.ChatOf(tokens, stream: true));
        return (int)response.StatusCode;
    }
}
