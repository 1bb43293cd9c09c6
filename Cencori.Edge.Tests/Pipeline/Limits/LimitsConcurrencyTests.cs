using System.Net;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Limits;

/// <summary>Slots are freed however a response ends (field trap 7): the key must not stay at 429.</summary>
public class LimitsConcurrencyTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    [Fact]
    public async Task A_request_is_refused_while_all_slots_are_taken_by_streams()
    {
        var end = new TaskCompletionSource();
        var (_, key) = await scene.CreateAsync(new { concurrent_requests = 2, requests_per_minute = 60 });
        using var first = await OpenStreamAsync(key, EndLater);
        using var second = await OpenStreamAsync(key, EndLater);

        using var refused = await scene.PostChatAsync(key);

        var error = await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
        Assert.Equal("concurrency", error.Param);
        Assert.Equal("The project's limit of 2 requests at one time is reached.", error.Message);
        Assert.Equal(("1", "1000"), (refused.Header("Retry-After"), refused.Header("retry-after-ms")));
        Assert.Equal("58", refused.Header("X-RateLimit-Remaining"));

        end.SetResult();
        await first.Content.ReadAsStringAsync();
        await second.Content.ReadAsStringAsync();
        await AssertFreeAsync(key, slots: 2);

        async Task EndLater(ReceivedRequest request, ScriptedResponse response)
        {
            await response.HoldAsync(end.Task);
            await response.EndChunksAsync();
        }
    }

    [Fact]
    public async Task A_stream_that_the_client_cancels_frees_its_slot()
    {
        var (_, key) = await scene.CreateAsync(new { concurrent_requests = 1 });
        var stream = await OpenStreamAsync(key, (_, response) => response.WaitForAbortAsync());

        stream.Dispose();

        await AssertFreeAsync(key);
    }

    [Fact]
    public async Task A_request_that_the_client_cancels_before_the_response_frees_its_slot()
    {
        var (_, key) = await scene.CreateAsync(new { concurrent_requests = 1 });
        var arrived = new TaskCompletionSource();
        scene.Provider.Enqueue(async (_, response) =>
        {
            arrived.SetResult();
            await response.WaitForAbortAsync();
            await response.CloseAsync();
        });
        using var cancel = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(ClockedEdge.ChatOf(100)) };
        request.Headers.Authorization = new("Bearer", key);
        var asking = scene.Edge.Http.SendAsync(request, cancel.Token);
        await arrived.Task.WaitAsync(Eventually.Timeout, TimeProvider.System);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        await AssertFreeAsync(key);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_whose_provider_breaks_off_frees_its_slot(bool reset)
    {
        var (_, key) = await scene.CreateAsync(new { concurrent_requests = 1 });
        using var stream = await OpenStreamAsync(key, (_, response) => reset ? response.ResetAsync() : response.CloseAsync());

        Assert.Contains("\"code\":\"PROVIDER_ERROR\"", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await AssertFreeAsync(key);
    }

    [Fact]
    public async Task A_provider_that_resets_the_connection_frees_the_slot()
    {
        var (_, key) = await scene.CreateAsync(new { concurrent_requests = 1 });
        scene.Provider.Enqueue((_, response) => response.ResetAsync());

        using var broken = await scene.PostChatAsync(key);

        await broken.ErrorAsync(HttpStatusCode.BadGateway, "PROVIDER_ERROR");
        await AssertFreeAsync(key);
    }

    [Fact]
    public async Task A_hundred_cancelled_streams_leave_every_slot_free()
    {
        var (_, key) = await scene.CreateAsync(new { concurrent_requests = 10 });
        for (var round = 0; round < 10; round++)
        {
            await AssertFreeAsync(key, slots: 10);
        }
    }

    private static async Task StreamAsync(ReceivedRequest request, ScriptedResponse response, Func<ReceivedRequest, ScriptedResponse, Task> rest)
    {
        await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        await response.SendChunkAsync($"data: {ScriptedProvider.ChatChunks("gpt-4o", [])[0]}\n\n");
        await rest(request, response);
    }

    private async Task<HttpResponseMessage> OpenStreamAsync(string key, Func<ReceivedRequest, ScriptedResponse, Task> rest)
    {
        scene.Provider.Enqueue((request, response) => StreamAsync(request, response, rest));
        var edgeResponse = await scene.PostChatAsync(key, body: ClockedEdge.ChatOf(100, stream: true));
        Assert.Equal(HttpStatusCode.OK, edgeResponse.StatusCode);
        return edgeResponse;
    }

    /// <summary>Waits until that many streams are open at once, and cancels them.</summary>
    private async Task AssertFreeAsync(string key, int slots = 1)
    {
        scene.Provider.Respond((request, response) => StreamAsync(request, response, (_, _) => response.WaitForAbortAsync()));
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        var open = new List<HttpResponseMessage>();
        while (open.Count < slots)
        {
            // The edge notices an end a moment after the client or the provider.
            limit.Token.ThrowIfCancellationRequested();
            var edgeResponse = await scene.PostChatAsync(key, body: ClockedEdge.ChatOf(100, stream: true));
            if (edgeResponse.StatusCode == HttpStatusCode.OK)
            {
                open.Add(edgeResponse);
            }
            else
            {
                Assert.Equal(HttpStatusCode.TooManyRequests, edgeResponse.StatusCode);
                edgeResponse.Dispose();
            }
        }

        open.ForEach(edgeResponse => edgeResponse.Dispose());
    }
}
