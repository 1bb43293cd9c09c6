using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Redis;

/// <summary>Whole requests at two edges that share their limits.</summary>
[Collection(nameof(Alone))]
public sealed class SharedLimitsTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    [RedisFact]
    public async Task Two_hundred_requests_at_once_pass_a_token_limit_for_ten_exactly_ten_times()
    {
        var (_, key) = await edges.CreateAsync(new { tokens_per_minute = 10_000 });

        // What a response did not use would be given back to the others.
        for (var i = 0; i < 200; i++)
        {
            edges.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 10, 990)));
        }

        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => TokensAsync(i % 2 == 0 ? edges.A : edges.B, key, 1_000)));

        Assert.Equal((10, 190), (statuses.Count(status => status == 200), statuses.Count(status => status == 429)));
    }

    [RedisFact]
    public async Task Remaining_falls_by_one_whichever_edge_answers()
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
    public async Task A_thousand_streams_that_were_left_keep_no_slot()
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
        await Eventually.IsTrueAsync(async () => await edges.Redis.HeldSlotsAsync(project) == 0, TimeSpan.FromSeconds(5));

        await edges.A.AssertLedgerClosesAsync(project);
        await edges.B.AssertLedgerClosesAsync(project);
    }

    // 10 tokens for its text.
    private static async Task<int> TokensAsync(RunningEdge edge, string key, long tokens)
    {
        using var response = await edge.PostAsync(key, "/v1/chat/completions", ClockedEdge.ChatOf(tokens, stream: true));
        return (int)response.StatusCode;
    }
}
