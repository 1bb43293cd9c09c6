using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Redis;

/// <summary>How calls follow one another, whatever is said in them.</summary>
public sealed class CallsInTurnTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(50);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly RedisAvailability _availability;
    private readonly Party _party;

    public CallsInTurnTests()
    {
        _availability = new RedisAvailability(
            new RedisConnection(RedisConnection.Parse("localhost:1")),
            "a setting",
            _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            _clock,
            NullLogger<RedisAvailability>.Instance);
        _party = new Party(_availability, new RedisDeadline(Timeout, _clock));
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task What_comes_while_a_call_is_under_way_goes_together_in_the_next()
    {
        _party.Say("a");
        _party.Say("b");
        _party.Say("c");
        Assert.Equal(["a"], _party.Sent);

        await _party.AnswerAsync(0);
        Assert.Equal(["a", "bc"], _party.Sent);

        await _party.AnswerAsync(1);
        Assert.Equal(["a", "bc"], _party.Sent);
        Assert.Equal(["took a", "took bc"], _party.Heard);
        Assert.False(_party.IsCalling);
    }

    [Fact]
    public async Task A_call_that_is_not_answered_in_time_is_lost_with_all_who_wait_and_nobody_asks_again()
    {
        _party.Say("a");
        _party.Say("b");
        _clock.Advance(Timeout / 2);
        await Task.Yield();
        Assert.Empty(_party.Heard);

        await Eventually.IsTrueAsync(() =>
        {
            _clock.Advance(Timeout / 2);
            return _party.Heard.Count > 1;
        });
        Assert.Equal(["lost a", "alone b"], _party.Heard);
        Assert.False(_availability.IsAvailable);

        _party.Say("c");
        Assert.Equal(["lost a", "alone b", "alone c"], _party.Heard);

        _availability.Restore();
        _party.Say("d");
        Assert.Equal(["a", "d"], _party.Sent);
    }

    [Fact]
    public async Task Whoever_waits_behind_a_call_is_decided_alone_where_another_party_has_lost_Redis()
    {
        _party.Say("a");
        _party.Say("b");
        _availability.Lose(new TimeoutException(), "other");
        await _party.AnswerAsync(0);

        Assert.Equal(["a"], _party.Sent);
        Assert.Equal(["took a", "alone b"], _party.Heard);
    }

    [Fact]
    public async Task Nothing_is_said_before_what_an_answer_asks_for_is_done()
    {
        var first = _party.First = new TaskCompletionSource();
        _party.Say("a");
        _party.Say("b");
        await _party.AnswerAsync(0);
        _party.Say("c");
        Assert.Equal(["a"], _party.Sent);

        _party.First = null;
        first.SetResult();
        await Eventually.IsTrueAsync(() => _party.Sent.Count == 2);
        Assert.Equal(["a", "bc"], _party.Sent);
    }

    private sealed class Party : IRedisParty<string>
    {
        private readonly Lock _lock = new();
        private readonly CallsInTurn<string> _calls;
        private readonly List<TaskCompletionSource<long[]>> _answers = [];
        private string _waiting = "";

        public Party(RedisAvailability availability, RedisDeadline deadline) => _calls = new(this, _lock, availability, deadline, "project");

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

        public async Task AnswerAsync(int call)
        {
            var heard = Heard.Count;
            _answers[call].SetResult([]);
            await Eventually.IsTrueAsync(() => Heard.Count > heard);
            lock (_lock)
            {
                // What follows from the answer is done under it.
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
            _answers.Add(new TaskCompletionSource<long[]>());
            return _answers[^1].Task;
        }

        public Task? Take(string call, long[] answer, long askedAt)
        {
            Heard.Add("took " + call);
            return First?.Task;
        }

        public void Lose(string call) => Heard.Add("lost " + call);

        public void DecideWaitingAlone()
        {
            if (NextCall() is { } waiting)
            {
                Heard.Add("alone " + waiting);
            }
        }
    }
}
