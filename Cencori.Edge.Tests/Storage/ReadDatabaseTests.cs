using System.Data.Common;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Storage;

/// <summary>Only a few reads run at the same time, each has a time limit, and none can write.</summary>
public sealed class ReadDatabaseTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Reads_beyond_the_limit_wait_for_a_turn(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        using var database = Of(started.Edge, out var atOnce);
        var ends = Enumerable.Range(0, atOnce).Select(_ => new TaskCompletionSource()).ToList();
        var running = new List<Task>();
        foreach (var end in ends)
        {
            await HoldAsync(database, end.Task, running);
        }

        await Assert.ThrowsAsync<DatabaseBusyException>(() => OneAsync(database, TimeSpan.FromMilliseconds(20)));
        await Assert.ThrowsAsync<DatabaseBusyException>(() => OneAsync(database, TimeSpan.Zero));
        using var leaves = new CancellationTokenSource();
        var left = OneAsync(database, Timeout.InfiniteTimeSpan, leaves.Token);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        // A cancelled wait must not consume a turn.
        var waits = OneAsync(database, Timeout.InfiniteTimeSpan);
        ends[0].SetResult();
        Assert.Equal(1, await waits);
        ends.ForEach(end => end.TrySetResult());
        await Task.WhenAll(running);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_failed_read_releases_its_turn_and_writes_are_refused(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        using var database = Of(started.Edge, out var atOnce);
        for (var i = 0; i < 2 * atOnce; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => database.ReadAsync<int>(_ => throw new InvalidOperationException("ours"), CancellationToken.None, TimeSpan.Zero));
            await Assert.ThrowsAnyAsync<DbException>(() => ScalarAsync(database, "DELETE FROM projects"));
        }

        Assert.Equal(1, await OneAsync(database, TimeSpan.Zero));
    }

    [Theory, OnSqlite, OnPostgres]
    [Trait(SlowestTests.Trait, "A statement runs until its limit of two seconds.")]
    public async Task A_read_that_takes_too_long_is_ended_as_busy(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        using var database = Of(started.Edge, out _);
        const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";

        await Assert.ThrowsAsync<DatabaseBusyException>(() => ScalarAsync(database, Endless));

        // A cancelled caller gets a cancellation, not a busy error.
        using var leaves = new CancellationTokenSource();
        var left = database.ReadAsync(
            async connection =>
            {
                await leaves.CancelAsync();
                await using var command = connection.CreateCommand();
                command.CommandText = Endless;
                return await command.ExecuteScalarAsync(leaves.Token);
            },
            leaves.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(1, await OneAsync(database, TimeSpan.Zero));
    }

    [Fact]
    public async Task Concurrent_reads_never_exceed_the_limit_and_lose_no_turn()
    {
        await using var started = await DatabaseEdge.StartAsync(DatabaseEdge.Sqlite);
        using var database = Of(started.Edge, out var atOnce);
        await Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3]).Array[1, 20].SampleAsync(
            async visitors =>
            {
                var (now, max) = (0, 0);
                await Task.WhenAll(visitors.Select(async visitor =>
                {
                    using var leaves = new CancellationTokenSource();
                    var read = database.ReadAsync(
                        async _ =>
                        {
                            var inside = Interlocked.Increment(ref now);
                            InterlockedMax(ref max, inside);
                            await Task.Yield();
                            Interlocked.Decrement(ref now);
                            return visitor.Item1 == 1 ? throw new InvalidOperationException("ours") : inside;
                        },
                        leaves.Token,
                        visitor.Item2 == 0 ? TimeSpan.Zero : Timeout.InfiniteTimeSpan);
                    if (visitor.Item1 == 2)
                    {
                        await leaves.CancelAsync();
                    }

                    await Record.ExceptionAsync(() => read);
                }));
                Assert.InRange(max, 0, atOnce);
                await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => OneAsync(database, TimeSpan.FromSeconds(60))));
            },
            iter: 8,
            threads: 1);
    }

    // A separate instance, so that reads of the edge itself take no turns.
    private static ReadDatabase Of(RunningEdge edge, out int atOnce)
    {
        var system = edge.Services.GetRequiredService<IDatabaseSystem>();
        atOnce = system.HoldsThreads ? ReadDatabase.AtOnce / 2 : ReadDatabase.AtOnce;
        return new(system);
    }

    // Returns when the read has its turn.
    private static async Task HoldAsync(ReadDatabase database, Task end, List<Task> running)
    {
        var inside = new TaskCompletionSource();
        running.Add(database.ReadAsync(
            async _ =>
            {
                inside.SetResult();
                await end;
                return 0;
            },
            CancellationToken.None,
            TimeSpan.Zero));
        await inside.Task;
    }

    private static async Task<long> OneAsync(ReadDatabase database, TimeSpan timeout, CancellationToken cancellation = default) =>
        Convert.ToInt64(await ScalarAsync(database, "SELECT 1", timeout, cancellation), System.Globalization.CultureInfo.InvariantCulture);

    private static Task<object?> ScalarAsync(ReadDatabase database, string sql, TimeSpan? timeout = null, CancellationToken cancellation = default) => database.ReadAsync(
        async connection =>
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            return await command.ExecuteScalarAsync(cancellation);
        },
        cancellation,
        timeout);

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
