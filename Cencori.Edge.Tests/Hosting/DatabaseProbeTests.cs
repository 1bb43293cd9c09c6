using System.Data.Common;
using Cencori.Edge.Hosting;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>The readiness endpoint does not return 200 while the database is unavailable (field trap 22 in docs/traps.md).</summary>
public class DatabaseProbeTests
{
    [Fact]
    public async Task Without_the_database_the_edge_is_live_but_not_ready()
    {
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: database.Watch);
        await HealthResponse.UntilAsync(edge.Http, "ready");

        database.IsAway = true;
        var away = await HealthResponse.UntilAsync(edge.Http, "not_ready");
        Assert.Equal((503, "unavailable", "ok"), (away.Code, away.Checks["database"], away.Checks["drain"]));
        Assert.DoesNotContain("away", away.Text, StringComparison.Ordinal);
        using var live = await edge.Http.GetAsync("/health/live");
        Assert.Equal(200, (int)live.StatusCode);

        database.IsAway = false;
        Assert.Equal(200, (await HealthResponse.UntilAsync(edge.Http, "ready")).Code);
    }

    [Fact]
    public async Task The_database_is_queried_at_most_once_a_second()
    {
        var database = new CommandCounter();
        var clock = new FakeTimeProvider();
        await using var edge = await RunningEdge.StartAsync(configure: builder =>
        {
            database.Watch(builder);
            builder.Services.AddSingleton<TimeProvider>(clock);
        });
        var before = database.Commands;

        for (var second = 1; second <= 3; second++)
        {
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => HealthResponse.ReadAsync(edge))), ready => Assert.Equal(200, ready.Code));
            Assert.Equal(second, database.Commands - before);
            clock.Advance(DatabaseProbe.Interval);
        }
    }

    [Fact]
    public async Task A_hanging_database_blocks_nobody_and_gets_no_second_query()
    {
        var hanging = new HangingDatabase();
        await using var edge = await RunningEdge.StartAsync(configure: builder =>
            builder.Services.ConfigureDbContext<SqliteEdgeDbContext>(options => options.AddInterceptors(hanging)));
        hanging.Hangs = true;

        for (var requested = 0; requested < 3; requested++)
        {
            var response = await HealthResponse.ReadAsync(edge).WaitAsync(Eventually.Timeout, TimeProvider.System);
            Assert.Equal((503, "unavailable"), (response.Code, response.Checks["database"]));
        }

        Assert.Equal(1, hanging.Asked);
        hanging.LetGo();
        Assert.Equal(200, (await HealthResponse.UntilAsync(edge.Http, "ready")).Code);
    }

    /// <summary>Like a server behind a network that drops packets: it ignores cancellation too. Counts the queries of the probe.</summary>
    private sealed class HangingDatabase : DbCommandInterceptor
    {
        private readonly TaskCompletionSource _letGo = new();
        private int _asked;

        public volatile bool Hangs;

        public int Asked => Volatile.Read(ref _asked);

        public void LetGo()
        {
            Hangs = false;
            _letGo.SetResult();
        }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (Hangs)
            {
                // Other parts of the edge may use the database at the same time.
                Interlocked.Add(ref _asked, command.CommandText.Contains("\"settings\"", StringComparison.Ordinal) ? 1 : 0);
                await _letGo.Task;
            }

            return result;
        }
    }
}
