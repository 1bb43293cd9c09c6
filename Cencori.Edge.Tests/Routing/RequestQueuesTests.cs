using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Routing;

/// <summary>The order of waiting requests, on a fake clock.</summary>
public sealed class RequestQueuesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly RequestQueues _room;
    private readonly List<string> _served = [];

    public RequestQueuesTests() => _room = new(_time);

    [Fact]
    public async Task Waiting_requests_are_served_in_order_of_arrival_one_at_a_time()
    {
        var (one, two) = (QueuedRequest("k"), QueuedRequest("k"));
        var (first, second) = (_room.TryWaitAsync(one, Second, Second * 5).AsTask(), _room.TryWaitAsync(two, Second, Second * 5).AsTask());
        Assert.Equal(2, _room.Count);
        _time.Advance(Second * 0.9);
        Assert.False(first.IsCompleted || second.IsCompleted);
        _time.Advance(Second * 0.2);
        Assert.True(await first);
        Assert.False(second.IsCompleted);
        one.Dispose();
        Assert.True(await second);
        two.Dispose();
        Assert.Equal(0, _room.Count);
    }

    [Fact]
    public async Task Priority_comes_before_fairness_and_fairness_before_arrival()
    {
        var waiting = new[] { ("a", WaitPriority.Normal), ("a", WaitPriority.Normal), ("a", WaitPriority.Normal), ("b", WaitPriority.Normal), ("c", WaitPriority.Low), ("b", WaitPriority.Normal), ("d", WaitPriority.High) }
            .Select((one, place) => ServeAsync($"{one.Item1}{place}", QueuedRequest(one.Item1, one.Item2))).ToList();
        _time.Advance(Second);
        await Task.WhenAll(waiting);
        Assert.Equal(["d6", "a0", "b3", "a1", "b5", "a2", "c4"], _served);
    }

    [Fact]
    public async Task No_request_waits_longer_than_allowed()
    {
        var (one, two) = (QueuedRequest("k"), QueuedRequest("k"));
        Assert.False(await _room.TryWaitAsync(QueuedRequest("k"), Second * 3, Second * 2));
        Assert.False(await _room.TryWaitAsync(QueuedRequest("k"), null, Second * 2));
        Assert.Equal(0, _room.Count);
        var (first, second) = (_room.TryWaitAsync(one, Second, Second * 2).AsTask(), _room.TryWaitAsync(two, Second, Second * 2).AsTask());
        _time.Advance(Second);
        Assert.True(await first);

        // The first request keeps its turn longer than the second one may wait.
        _time.Advance(Second * 1.1);
        Assert.False(await second);
        Assert.False(await _room.TryWaitAsync(one, Second, Second * 2));
        one.Dispose();
        two.Dispose();
        Assert.Equal(0, _room.Count);
    }

    [Fact]
    public async Task A_request_that_tried_in_vain_keeps_its_place()
    {
        var (one, two) = (QueuedRequest("k"), QueuedRequest("k"));
        var (first, second) = (_room.TryWaitAsync(one, Second, Second * 9).AsTask(), _room.TryWaitAsync(two, Second, Second * 9).AsTask());
        _time.Advance(Second);
        Assert.True(await first);
        var again = _room.TryWaitAsync(one, Second, Second * 9).AsTask();
        Assert.False(second.IsCompleted);
        _time.Advance(Second);
        Assert.True(await again);
        Assert.False(second.IsCompleted);
        one.Dispose();
        Assert.True(await second);
        two.Dispose();
    }

    [Fact]
    public async Task A_caller_that_leaves_makes_room_and_blocks_nobody()
    {
        using var left = new CancellationTokenSource();
        var (one, two) = (QueuedRequest("k", left: left.Token), QueuedRequest("k"));
        var (first, second) = (_room.TryWaitAsync(one, Second, Second * 5).AsTask(), _room.TryWaitAsync(two, Second, Second * 5).AsTask());
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        one.Dispose();
        Assert.Equal(1, _room.Count);
        _time.Advance(Second);
        Assert.True(await second);
        two.Dispose();
    }

    [Fact]
    public async Task A_project_has_limited_places_and_low_priority_half_of_them()
    {
        var waiters = Enumerable.Range(0, RequestQueues.MaxOfProject / 2).Select(_ => QueuedRequest("k")).ToList();
        waiters.ForEach(queued => _ = _room.TryWaitAsync(queued, Second, Second * 5).AsTask());
        Assert.False(await _room.TryWaitAsync(QueuedRequest("l", WaitPriority.Low), Second, Second * 5));
        var more = Enumerable.Range(0, RequestQueues.MaxOfProject / 2).Select(_ => QueuedRequest("k")).ToList();
        more.ForEach(queued => _ = _room.TryWaitAsync(queued, Second, Second * 5).AsTask());
        Assert.False(await _room.TryWaitAsync(QueuedRequest("k"), Second, Second * 5));
        Assert.Equal(RequestQueues.MaxOfProject, _room.Count);

        // Another project has its own places in the queue.
        using var other = new QueuedRequest("q", "k", WaitPriority.Normal, new RequestClock(_time), default);
        var its = _room.TryWaitAsync(other, Second, Second * 5).AsTask();
        _time.Advance(Second);
        Assert.True(await its);
        waiters.Concat(more).ToList().ForEach(queued => queued.Dispose());
    }

    [Fact]
    public void A_new_request_goes_behind_those_of_its_priority_that_wait_for_the_same_credential()
    {
        var one = QueuedRequest("k");
        _ = _room.TryWaitAsync(one, Second, Second * 5).AsTask();
        _time.Advance(Second * 0.4);
        Assert.Equal([Second * 0.6, Second * 0.6, null], new[] { WaitPriority.Low, WaitPriority.Normal, WaitPriority.High }.Select(priority => _room.TimeUntilRoom("p", "cr_1", priority)));
        Assert.Null(_room.TimeUntilRoom("p", "cr_2", WaitPriority.Low));
        Assert.Null(_room.TimeUntilRoom("q", "cr_1", WaitPriority.Low));
        one.Dispose();
        Assert.Null(_room.TimeUntilRoom("p", "cr_1", WaitPriority.Low));
    }

    [Theory]
    [InlineData("cr_1", false)]
    [InlineData("cr_2", true)]
    public async Task No_request_takes_the_room_that_an_earlier_one_waits_for(string credential, bool isOther)
    {
        var (high, low) = (QueuedRequest("k", WaitPriority.High), QueuedRequest("l", credential: credential));
        var (first, second) = (_room.TryWaitAsync(high, Second * 2, Second * 9).AsTask(), _room.TryWaitAsync(low, Second, Second * 9).AsTask());
        _time.Advance(Second);
        if (isOther)
        {
            Assert.True(await second);
            low.Dispose();
        }

        Assert.Equal(isOther, second.IsCompleted);
        _time.Advance(Second);
        Assert.True(await first);
        high.Dispose();
        Assert.True(await second);
        low.Dispose();
    }

    [Fact]
    public async Task A_key_that_fills_the_line_alone_makes_room_for_other_keys()
    {
        var waiters = Enumerable.Range(0, RequestQueues.MaxOfProject).Select(_ => QueuedRequest("k")).ToList();
        var turns = waiters.ConvertAll(queued => _room.TryWaitAsync(queued, Second, Second * 5).AsTask());
        Assert.False(await _room.TryWaitAsync(QueuedRequest("k"), Second, Second * 5));
        foreach (var (newcomer, place) in new[] { QueuedRequest("l"), QueuedRequest("k", WaitPriority.High) }.Select((one, place) => (one, place)))
        {
            waiters.Add(newcomer);
            turns.Add(_room.TryWaitAsync(newcomer, Second, Second * 5).AsTask());
            Assert.False(await turns[RequestQueues.MaxOfProject - 1 - place]);
            Assert.False(turns[^1].IsCompleted);
            Assert.Equal(RequestQueues.MaxOfProject, _room.Count);
        }

        waiters.ForEach(queued => queued.Dispose());
        Assert.Equal(0, _room.Count);
    }

    [Fact]
    public async Task A_key_with_only_urgent_requests_takes_no_places_of_other_keys()
    {
        var waiters = Enumerable.Range(0, RequestQueues.MaxOfProject).Select(place => QueuedRequest(place < 40 ? "few" : "many")).ToList();
        var turns = waiters.ConvertAll(queued => _room.TryWaitAsync(queued, Second, Second * 5).AsTask());
        for (var more = 0; more < 70; more++)
        {
            var newcomer = QueuedRequest("many", WaitPriority.High);
            var turn = _room.TryWaitAsync(newcomer, Second, Second * 5).AsTask();
            waiters.Add(newcomer);
            Assert.Equal(more >= 60, turn.IsCompleted);
        }

        Assert.DoesNotContain(turns.Take(40), turn => turn.IsCompleted);
        waiters.ForEach(queued => queued.Dispose());
    }

    [Fact]
    public async Task A_request_that_is_due_at_its_deadline_gets_its_turn()
    {
        using var queued = QueuedRequest("k");
        var turn = _room.TryWaitAsync(queued, Second * 2, Second * 2).AsTask();
        _time.Advance(Second * 2.01);
        Assert.True(await turn);
    }

    private async Task ServeAsync(string name, QueuedRequest queued)
    {
        Assert.True(await _room.TryWaitAsync(queued, Second, Second * 5));
        _served.Add(name);
        queued.Dispose();
    }

    private QueuedRequest QueuedRequest(string key, WaitPriority priority = WaitPriority.Normal, string credential = "cr_1", CancellationToken left = default) =>
        new("p", key, priority, new RequestClock(_time), left) { WaitsFor = [credential] };
}
