using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Records;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Hosting.Status;

/// <summary>
/// Writes this edge's status to the shared database every <see cref="Interval"/>, where the other edges read it. Does nothing on SQLite, which only one edge can use.
/// </summary>
internal sealed partial class EdgeHeartbeat(
    IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, DatabaseStartup startup, Drain drain, RecordWriter records, IServer server, IServiceProvider services,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<EdgeHeartbeat> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>An edge without a heartbeat for this long is no longer listed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    // Age at which rows of other edges are deleted. Much longer than Lifetime: an edge whose clock is ahead would otherwise delete rows of running edges.
    private static readonly TimeSpan RowRetention = TimeSpan.FromDays(1);

    private readonly string _id = Guid.CreateVersion7().ToString("N");
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly ThrottledWarning _failed = new(time);

    /// <summary>This edge's status at this moment.</summary>
    public EdgeRecord Now => new()
    {
        Id = _id,
        Host = Environment.MachineName,
        Address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(),
        Version = HealthApi.Version,
        StartedAt = _startedAt,
        SeenAt = time.GetUtcNow(),
        IsDraining = drain.IsDraining,
        PendingRecords = records.Pending,
        SpoolBytes = records.SpoolBytes,
        HasRedis = services.GetService<RedisLimits>()?.Availability.IsHealthy,
    };

    /// <summary>All edges with a recent heartbeat, this edge first.</summary>
    public async Task<List<EdgeRecord>> ListAsync(CancellationToken cancellation)
    {
        if (!system.IsShared)
        {
            return [Now];
        }

        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var since = time.GetUtcNow() - Lifetime;
        var others = await database.Edges.AsNoTracking().Where(row => row.Id != _id && row.SeenAt > since).OrderBy(row => row.StartedAt).ThenBy(row => row.Id).ToListAsync(cancellation);
        return [Now, .. others];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!system.IsShared)
        {
            return;
        }

        // A stop signal ends the wait at once, so that the edge reports its drain without delay. The edge deletes its row after it has stopped.
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        while (!linked.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await TryAsync(ReportAsync);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TryAsync(database => database.Edges.Where(row => row.Id == _id).ExecuteDeleteAsync());
    }

    private async Task ReportAsync(EdgeDbContext database)
    {
        var now = Now;
        if (await database.Edges.AnyAsync(row => row.Id == _id))
        {
            database.Edges.Update(now);
        }
        else
        {
            database.Edges.Add(now);
        }

        await database.SaveChangesAsync();
        await database.Edges.Where(row => row.SeenAt < now.SeenAt - RowRetention).ExecuteDeleteAsync();
    }

    private async Task TryAsync(Func<EdgeDbContext, Task> act)
    {
        if (!startup.IsPrepared)
        {
            return;
        }

        try
        {
            await using var database = await contexts.CreateDbContextAsync();
            await act(database);
        }
        catch (Exception exception)
        {
            if (_failed.IsDue())
            {
                Log.CannotReport(logger, exception.GetType().Name);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(160, LogLevel.Warning, "This edge cannot write its heartbeat to the database ({Fault}). The edge tries again every 30 s. Logged at most once a minute.", EventName = "HeartbeatFailed")]
        public static partial void CannotReport(ILogger logger, string fault);
    }
}
