using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>A request that waits for Redis is always decided, even if Redis fails meanwhile.</summary>
public sealed class WaitingAcquireTests(OneRedis redis) : IClassFixture<OneRedis>
{
    [RedisFact]
    public async Task A_request_behind_a_successful_call_is_decided_although_another_project_has_lost_Redis()
    {
        var limits = new RateLimits(1, 10, null, null);
        await using var link = new FaultyLink(redis.Server.Port);
        await using var edge = await LimiterOfOneEdge.StartAsync(link.Configuration);
        await edge.AcquireAsync("p", limits);
        link.DelayToClient = TimeSpan.FromMilliseconds(200);
        var requested = edge.AcquireAsync("p", limits);
        var waiting = edge.AcquireAsync("p", limits);

        // No more probes, as if Redis stayed unavailable.
        edge.Limiter.Dispose();
        edge.Availability.MarkUnavailable(new TimeoutException(), "another");

        Assert.True((await requested).IsAcquired);
        Assert.True((await waiting.WaitAsync(Eventually.Timeout, TimeProvider.System)).IsAcquired);
    }

    [Fact]
    public async Task A_reply_between_the_timeout_and_its_continuation_is_in_time()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync("127.0.0.1:1");
        var calling = new TaskCompletionSource<long[]>();
        var busy = new BusyThread();
        var waiting = busy.Run(() => edge.Deadline.WaitAsync(calling.Task, TimeSpan.FromMilliseconds(2)));

        // The timeout has fired, but the thread for its continuation is busy.
        await Eventually.IsTrueAsync(() => busy.HasWork);
        long[] reply = [1];
        calling.SetResult(reply);
        await Eventually.IsTrueAsync(() =>
        {
            busy.DoWork();
            return waiting.IsCompleted;
        });

        Assert.Same(reply, await waiting);
    }

    private sealed class BusyThread : SynchronizationContext
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<Action> _work = new();

        public bool HasWork => !_work.IsEmpty;

        public override void Post(SendOrPostCallback d, object? state) => _work.Enqueue(() => d(state));

        public T Run<T>(Func<T> act)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                return act();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }

        public void DoWork()
        {
            while (_work.TryDequeue(out var work))
            {
                work();
            }
        }
    }
}
