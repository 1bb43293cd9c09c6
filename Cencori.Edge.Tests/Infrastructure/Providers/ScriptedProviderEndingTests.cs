using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

public sealed class ScriptedProviderEndingTests : ScriptedProviderTestBase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_can_distinguish_a_reset_from_an_end_inside_the_body(bool reset)
    {
        var read = new TaskCompletionSource();
        Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Length", "10"));
            await response.SendAsync("12345");
            await response.HoldAsync(read.Task);
            await (reset ? response.ResetAsync() : response.CloseAsync());
        });

        using var edgeResponse = await Client.GetAsync("", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await edgeResponse.Content.ReadAsStreamAsync();
        Assert.Equal("12345", await ReadOnceAsync(stream));
        read.SetResult();
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => ReadOnceAsync(stream));

        Assert.Equal(reset, failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset });
        Assert.Equal(!reset, failure is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded });
        Assert.False((await Provider.NextRequestAsync()).Aborted.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disconnect_is_noticed_within_seconds_while_the_script_waits(bool headSent)
    {
        Provider.Respond(async (_, response) =>
        {
            if (headSent)
            {
                await response.SendHeadAsync(200, ("Transfer-Encoding", "chunked"));
                await response.SendChunkAsync("data: 1\n\n");
            }

            await response.WaitForAbortAsync();
        });

        using var leave = new CancellationTokenSource();
        var call = Client.GetStringAsync("", leave.Token);
        var request = await Provider.NextRequestAsync();
        Assert.False(request.Aborted.IsCompleted);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        // Measured after the client's cancellation, which can be slow, especially in a new process.
        var left = TimeProvider.System.GetTimestamp();
        var seen = await request.Aborted.WaitAsync(Limit, TimeProvider.System);
        Assert.True(TimeProvider.System.GetElapsedTime(left, seen) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_disconnect_is_noticed_when_a_send_fails_first()
    {
        Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Transfer-Encoding", "chunked"));
            while (true)
            {
                await response.SendChunkAsync(new byte[64 * 1024]);
            }
        });

        for (var round = 0; round < 20; round++)
        {
            using var leave = new CancellationTokenSource();
            var call = Client.GetByteArrayAsync("", leave.Token);
            var request = await Provider.NextRequestAsync();
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            await request.Aborted.WaitAsync(Limit, TimeProvider.System);
        }
    }

    [Fact]
    public async Task A_disconnect_after_a_complete_response_is_not_an_abort()
    {
        var gone = new TaskCompletionSource();
        Provider.Respond(async (_, response) =>
        {
            await response.SseAsync(["1"]);
            await response.HoldAsync(gone.Task);
        });

        await Client.GetStringAsync("");
        Client.Dispose();
        var request = await Provider.NextRequestAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => request.Aborted.WaitAsync(TimeSpan.FromMilliseconds(200), TimeProvider.System));
        gone.SetResult();
    }

    [Fact]
    public async Task A_script_that_sends_to_a_disconnected_client_does_not_fail()
    {
        var ended = new TaskCompletionSource<Exception>();
        Provider.Respond(async (request, response) =>
        {
            await response.SendHeadAsync(200, ("Transfer-Encoding", "chunked"));
            await request.Aborted;
            ended.SetResult(await Assert.ThrowsAsync<PeerWentAwayException>(() => response.SendChunkAsync("late")));
            await response.EndChunksAsync();
        });

        (await Client.GetAsync("", HttpCompletionOption.ResponseHeadersRead)).Dispose();

        await ended.Task.WaitAsync(Limit, TimeProvider.System);
        await Provider.DisposeAsync();
    }

    [Fact]
    public async Task Disposal_ends_waiting_scripts_and_idle_clients()
    {
        var stopped = new ScriptedProvider();
        stopped.Enqueue((_, response) => response.PauseAsync(TimeSpan.FromMinutes(1)));
        stopped.Enqueue((_, response) => response.HoldAsync(new TaskCompletionSource().Task));
        stopped.Enqueue((_, response) => response.WaitForAbortAsync());
        stopped.Enqueue((_, response) => response.JsonAsync(200, "{}"));
        Task<string>[] held = [.. Enumerable.Range(0, 3).Select(_ => Client.GetStringAsync(stopped.Address))];
        for (var seen = 0; seen < held.Length; seen++)
        {
            await stopped.NextRequestAsync();
        }

        Assert.Equal("{}", await Client.GetStringAsync(stopped.Address));

        // The pause would take a minute.
        await stopped.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        await Assert.AllAsync(held, call => Assert.ThrowsAnyAsync<HttpRequestException>(() => call));
        Assert.All(stopped.Requests, request => Assert.False(request.Aborted.IsCompleted));
    }
}
