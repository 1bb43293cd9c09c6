using System.Globalization;
using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Projects;

public class SnapshotCacheTests
{
    private readonly FakeTimeProvider _time = new();
    private int _reads;

    [Fact]
    public async Task A_fresh_entry_is_not_read_again()
    {
        var cache = Counting();
        Assert.Equal("1", await cache.GetAsync("key"));
        _time.Advance(TimeSpan.FromSeconds(29.9));

        Assert.Equal("1", await cache.GetAsync("key"));
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task An_entry_of_30_seconds_is_served_and_refreshed_in_the_background()
    {
        var cache = Counting();
        await cache.GetAsync("key");
        _time.Advance(TimeSpan.FromSeconds(30));

        var served = cache.GetAsync("key");
        Assert.True(served.IsCompletedSuccessfully);
        Assert.Equal("1", await served);
        await Until(async () => await cache.GetAsync("key") == "2");
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task Entries_that_age_together_are_refreshed_one_after_the_other()
    {
        var cache = Counting();
        var keys = Enumerable.Range(0, 500).Select(number => $"{number}").ToList();
        foreach (var key in keys)
        {
            await cache.GetAsync(key);
        }

        _time.Advance(SnapshotCache<string, string>.RefreshAfter);
        for (var interval = 1; interval <= 20; interval++)
        {
            foreach (var key in keys)
            {
                var served = cache.GetAsync(key);
                Assert.True(served.IsCompletedSuccessfully);
                await served;
            }

            // Waits until the new value is stored. Otherwise the next interval could choose the same key again and refresh no other key.
            await Until(async () =>
            {
                var values = await Task.WhenAll(keys.Select(key => cache.GetAsync(key).AsTask()));
                return values.Count(value => int.Parse(value!, CultureInfo.InvariantCulture) > keys.Count) == interval;
            });
            Assert.Equal(keys.Count + interval, _reads);
            _time.Advance(SnapshotCache<string, string>.RefreshInterval);
        }
    }

    [Fact]
    public async Task An_entry_of_60_seconds_is_read_again_before_it_is_served()
    {
        var cache = Counting();
        await cache.GetAsync("key");
        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("2", await cache.GetAsync("key"));
    }

    [Fact] // field trap 22
    public async Task A_cached_row_stays_in_use_while_the_database_is_away_and_is_read_again_afterwards()
    {
        var isAway = false;
        var cache = Cache(_ => isAway ? throw new IOException("away") : Task.FromResult<string?>($"{++_reads}"));
        await cache.GetAsync("key");
        isAway = true;
        for (var minute = 0; minute < 10; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal("1", await cache.GetAsync("key"));
        }

        isAway = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("2", await cache.GetAsync("key"));
    }

    [Fact] // field trap 22
    public async Task An_uncached_row_fails_while_the_database_is_away_and_is_found_afterwards()
    {
        var isAway = true;
        var cache = Cache(_ => isAway ? throw new IOException("away") : Task.FromResult<string?>("row"));
        await Assert.ThrowsAsync<IOException>(async () => await cache.GetAsync("key"));

        isAway = false;
        Assert.Equal("row", await cache.GetAsync("key"));
    }

    [Fact]
    public async Task A_missing_row_is_cached_as_missing_until_it_is_invalidated()
    {
        var rows = new Dictionary<string, string?>();
        var cache = Cache(key =>
        {
            _reads++;
            return Task.FromResult(rows.GetValueOrDefault(key));
        });
        Assert.Null(await cache.GetAsync("key"));
        Assert.Null(await cache.GetAsync("key"));
        Assert.Equal(1, _reads);

        rows["key"] = "row";
        cache.Invalidate("key");
        Assert.Equal("row", await cache.GetAsync("key"));
    }

    [Fact] // field trap 22
    public async Task A_hundred_requests_at_once_cause_one_read()
    {
        var gate = new TaskCompletionSource();
        var cache = Cache(async _ =>
        {
            Interlocked.Increment(ref _reads);
            await gate.Task;
            return "row";
        });

        // The read ends only after all requests have asked.
        var requests = new Task<string?>[100];
        Parallel.For(0, requests.Length, i => requests[i] = cache.GetAsync("key").AsTask());
        gate.SetResult();

        Assert.All(await Task.WhenAll(requests).WaitAsync(Eventually.Timeout, TimeProvider.System), row => Assert.Equal("row", row));
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task A_read_that_began_before_an_invalidation_is_discarded()
    {
        var row = "before";
        var reading = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var cache = Cache(async _ =>
        {
            var read = row;
            reading.TrySetResult();
            await gate.Task;
            return read;
        });
        var request = cache.GetAsync("key");
        await reading.Task.WaitAsync(Eventually.Timeout, TimeProvider.System);
        row = "after";
        cache.Invalidate("key");
        gate.SetResult();

        Assert.Equal("after", await request);
        Assert.Equal("after", await cache.GetAsync("key"));
    }

    [Fact]
    public async Task Memory_is_bounded_for_any_number_of_keys()
    {
        var cache = Cache(key => Task.FromResult<string?>(key), capacity: 100);
        for (var key = 0; key < 10_000; key++)
        {
            await cache.GetAsync($"{key}");
        }

        Assert.InRange(Enumerable.Range(0, 10_000).Count(key => cache.TryGet($"{key}", out _)), 1, 110);
    }

    private SnapshotCache<string, string> Counting() => Cache(_ => Task.FromResult<string?>($"{Interlocked.Increment(ref _reads)}"));

    private SnapshotCache<string, string> Cache(Func<string, Task<string?>> read, int capacity = 1_000) => new(capacity, read, _time, NullLogger.Instance);

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
