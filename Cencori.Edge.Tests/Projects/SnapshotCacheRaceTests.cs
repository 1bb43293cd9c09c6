using Cencori.Edge.Projects;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cencori.Edge.Tests.Projects;

public class SnapshotCacheRaceTests
{
    [Fact]
    public async Task After_an_invalidation_no_request_gets_the_earlier_value()
    {
        var row = 0;
        var cache = new SnapshotCache<string, string>(
            100, _ => Task.FromResult<string?>($"{Volatile.Read(ref row)}"), TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await cache.GetAsync("key");

                // Frees the thread, which a read may need.
                await Task.Yield();
            }
        })).ToList();

        var stale = 0;
        for (var change = 1; change <= 20_000; change++)
        {
            Volatile.Write(ref row, change);
            cache.Invalidate("key");
            stale += await cache.GetAsync("key") == $"{change}" ? 0 : 1;
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(0, stale);
    }
}
