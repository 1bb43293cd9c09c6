using System.Data.Common;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Storage;

/// <summary>Few read at once, none for long, and none changes anything.</summary>
public sealed class ReadDatabaseTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task As_many_as_may_read_at_once_and_the_next_waits_for_its_turn(string system)
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

        // Who has left has taken no turn with them.
        var waits = OneAsync(database, Timeout.InfiniteTimeSpan);
        ends[0].SetResult();
        Assert.Equal(1, await waits);
        ends.ForEach(end => end.TrySetResult());
        await Task.WhenAll(running);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_fails_gives_its_turn_back_and_nothing_can_be_changed(string system)
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
    [Trait(SlowestTests.Trait, "A statement takes the two seconds that it may.")]
    public async Task What_takes_too_long_is_ended_and_told_as_such(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        using var database = Of(started.Edge, out _);
        const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";

        await Assert.ThrowsAsync<DatabaseBusyException>(() => ScalarAsync(database, Endless));

        // Whoever has left is told that, and not that the database was busy.
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
    public async Task Whoever_comes_leaves_or_fails_never_are_there_too_many_and_no_turn_is_lost()
    {
        await using var started = await DatabaseEdge.StartAsync(DatabaseEdge.Sqlite);
        using var database = Of(started.Edge, out var atOnce);
        await Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3]).Array[1, 20].SampleAsync(
            async visitors =>
            {
                var (now, most) = (0, 0);
                await Task.WhenAll(visitors.Select(async visitor =>
                {
                    using var leaves = new CancellationTokenSource();
                    var read = database.ReadAsync(
                        async _ =>
                        {
                            var inside = Interlocked.Increment(ref now);
                            InterlockedMax(ref most, inside);
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
                Assert.InRange(most, 0, atOnce);
                await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => OneAsync(database, TimeSpan.FromSeconds(60))));
            },
            iter: 8,
            threads: 1);
    }

    // One of its own: what an edge reads by itself takes no turn here.
    private static ReadDatabase Of(RunningEdge edge, out int atOnce)
    {
        var system = edge.Services.GetRequiredService<IDatabaseSystem>();
        atOnce = system.HoldsThreads ? ReadDatabase.AtOnce / 2 : ReadDatabase.AtOnce;
        return new(system);
    }

    // Comes back when it has its turn.
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
