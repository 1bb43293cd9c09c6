using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Redis;

/// <summary>The order of calls, whatever their content.</summary>
public sealed class CallCoalescerTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(50);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly RedisAvailability _availability;
    private readonly Participant _participant;

    public CallCoalescerTests()
    {
        _availability = new RedisAvailability(
            new RedisConnection(RedisConnection.Parse("localhost:1")),
            "a setting",
            _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            _clock,
            NullLogger<RedisAvailability>.Instance);
        _participant = new Participant(_availability, new RedisDeadline(Timeout, _clock));
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Everything_that_arrives_during_a_call_shares_the_next_one()
    {
        _participant.Say("a");
        _participant.Say("b");
        _participant.Say("c");
        Assert.Equal(["a"], _participant.Sent);

        await _participant.RespondAsync(0);
        Assert.Equal(["a", "bc"], _participant.Sent);

        await _participant.RespondAsync(1);
        Assert.Equal(["a", "bc"], _participant.Sent);
        Assert.Equal(["took a", "took bc"], _participant.Heard);
        Assert.False(_participant.IsCalling);
    }

    [Fact]
    public async Task A_call_without_a_timely_reply_is_lost_with_all_waiting_requests_and_no_other_is_sent()
    {
        _participant.Say("a");
        _participant.Say("b");
        _clock.Advance(Timeout / 2);
        await Task.Yield();
        Assert.Empty(_participant.Heard);

        await Eventually.IsTrueAsync(() =>
        {
            _clock.Advance(Timeout / 2);
            return _participant.Heard.Count > 1;
        });
        Assert.Equal(["lost a", "alone b"], _participant.Heard);
        Assert.False(_availability.IsAvailable);

        _participant.Say("c");
        Assert.Equal(["lost a", "alone b", "alone c"], _participant.Heard);

        _availability.Restore();
        _participant.Say("d");
        Assert.Equal(["a", "d"], _participant.Sent);
    }

    [Fact]
    public async Task A_request_behind_a_call_is_decided_locally_if_another_participant_has_lost_Redis()
    {
        _participant.Say("a");
        _participant.Say("b");
        _availability.MarkUnavailable(new TimeoutException(), "other");
        await _participant.RespondAsync(0);

        Assert.Equal(["a"], _participant.Sent);
        Assert.Equal(["took a", "alone b"], _participant.Heard);
    }

    [Fact]
    public async Task The_next_call_waits_for_the_task_that_a_reply_returned()
    {
        var first = _participant.First = new TaskCompletionSource();
        _participant.Say("a");
        _participant.Say("b");
        await _participant.RespondAsync(0);
        _participant.Say("c");
        Assert.Equal(["a"], _participant.Sent);

        _participant.First = null;
        first.SetResult();
        await Eventually.IsTrueAsync(() => _participant.Sent.Count == 2);
        Assert.Equal(["a", "bc"], _participant.Sent);
    }

    private sealed class Participant : IRedisParticipant<string>
    {
        private readonly Lock _lock = new();
        private readonly CallCoalescer<string> _calls;
        private readonly List<TaskCompletionSource<long[]>> _replies = [];
        private string _waiting = "";

        public Participant(RedisAvailability availability, RedisDeadline deadline) => _calls = new(this, _lock, availability, deadline, "project");

        public List<string> Sent { get; } = [];

        public List<string> Heard { get; } = [];

        public TaskCompletionSource? First { get; set; }

        public bool IsCalling => _calls.IsCalling;

        public void Say(string word)
        {
            string? call;
            lock (_lock)
            {
                _waiting += word;
                call = _calls.Begin();
            }

            _calls.Run(call);
        }

        public async Task RespondAsync(int call)
        {
            var heard = Heard.Count;
            _replies[call].SetResult([]);
            await Eventually.IsTrueAsync(() => Heard.Count > heard);
            lock (_lock)
            {
                // Waits for the end of the code that handles the reply, because that code holds this lock.
            }
        }

        public string? NextCall()
        {
            var call = _waiting;
            _waiting = "";
            return call.Length > 0 ? call : null;
        }

        public Task<long[]> SendAsync(string call)
        {
            Sent.Add(call);
            _replies.Add(new TaskCompletionSource<long[]>());
            return _replies[^1].Task;
        }

        public Task? Take(string call, long[] reply, long sentAt)
        {
            Heard.Add("took " + call);
            return First?.Task;
        }

        public void Abandon(string call) => Heard.Add("lost " + call);

        public void DecideWaitingLocally()
        {
            if (NextCall() is { } waiting)
            {
                Heard.Add("alone " + waiting);
            }
        }
    }
}
