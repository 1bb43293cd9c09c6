using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cencori.Edge.Memory.Acceleration;

/// <summary>
/// Copies the vectors of large namespaces into pgvector tables, if PostgreSQL has the extension. Tracks up to which revision (a counter of writes) each namespace
/// is copied. Any edge can continue the work of another.
/// </summary>
internal sealed partial class VectorAcceleration(
    IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, DatabaseStartup startup, IOptions<MemoryOptions> options, TimeProvider time, ILogger<VectorAcceleration> logger)
    : BackgroundService
{
    /// <summary>Time between two runs of <see cref="RunAsync"/>.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // Minimum time between two warnings about faults.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile State? _state;
    private string? _loggedVersion;
    private long? _warnedAt;

    /// <summary>Returns the extension, and the revision up to which the namespace is copied. Null: the namespace cannot be searched with pgvector now.</summary>
    /// <param name="space">The namespace's row, as read from the database.</param>
    public (PgVector Extension, long Revision)? Find(MemoryNamespaceRecord space) =>
        _state is { } state && state.Indexed.Contains(space.Dimensions) && IsLarge(space) && state.FilledOf(space) is { } revision ? (state.Extension, revision) : null;

    /// <summary>If at most this many entries match a filter, comparing each of them is faster than an index scan.</summary>
    public int MaxForFullComparison => options.Value.AcceleratedFrom / 4;

    /// <summary>Copies the vectors that are missing in the pgvector tables, and builds missing indexes.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            await RunAloneAsync(cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    public override void Dispose()
    {
        _gate.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (var database = await contexts.CreateDbContextAsync(stoppingToken))
        {
            if (options.Value.PgVector == PgVectorUse.Off || database is not PostgresEdgeDbContext)
            {
                return;
            }
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (startup.IsPrepared)
                {
                    await RunAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // A conflict with another edge or with a delete is not logged: the next run continues.
                if (!system.IsConflict(exception))
                {
                    Warn(exception);
                }
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(startup.IsPrepared ? Interval : DatabaseStartup.RetryInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAloneAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        var connection = (NpgsqlConnection)database.Database.GetDbConnection();
        var extension = await PgVector.ReadAsync(connection, cancellation);
        LogUse(extension);
        if (extension is not { Serves: true })
        {
            _state = null;
            return;
        }

        var (max, min) = (PgVector.MaxDimensions, options.Value.AcceleratedFrom);
        var large = await database.MemoryNamespaces.AsNoTracking().Where(row => row.DeletedAt == null && row.StoredCount >= min && row.Dimensions <= max).ToListAsync(cancellation);
        var state = await ReadAsync(connection, extension, cancellation);
        if (large.TrueForAll(space => state.FilledOf(space) >= space.Revision && state.Indexed.Contains(space.Dimensions)))
        {
            _state = state;
            return;
        }

        // Returns the connection to the pool, because the copy takes long and uses its own connection.
        await database.Database.CloseConnectionAsync();
        await using var separateConnection = (NpgsqlConnection)await system.OpenUnpooledAsync(cancellation);
        await extension.CreateAsync(separateConnection, cancellation);
        foreach (var space in large.Where(space => !(state.FilledOf(space) >= space.Revision)))
        {
            await new VectorFilling(separateConnection, extension, space).RunAsync(state.FilledOf(space) ?? -1, cancellation);
        }

        _state = state = await ReadAsync(separateConnection, extension, cancellation);
        foreach (var dimensions in large.Where(space => state.FilledOf(space) is not null).Select(space => space.Dimensions).Distinct().Where(dimensions => !state.Indexed.Contains(dimensions)))
        {
            var started = time.GetTimestamp();
            if (await extension.IndexAsync(separateConnection, dimensions, cancellation))
            {
                Log.Indexed(logger, dimensions, (long)time.GetElapsedTime(started).TotalSeconds);
            }
        }

        _state = await ReadAsync(separateConnection, extension, cancellation);
    }

    private bool IsLarge(MemoryNamespaceRecord space) => space.StoredCount >= options.Value.AcceleratedFrom;

    private static async Task<State> ReadAsync(NpgsqlConnection connection, PgVector extension, CancellationToken cancellation)
    {
        var filled = new Dictionary<(string, string, string), (int, long)>();
        if (!await PgVector.HasTablesAsync(connection, cancellation))
        {
            return new State(extension, [], filled);
        }

        var indexed = await PgVector.IndexedAsync(connection, cancellation);
        await using var command = new NpgsqlCommand("""SELECT "ProjectId", "Environment", "NamespaceId", "Generation", "Revision" FROM memory_near_filled""", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            filled[(reader.GetString(0), reader.GetString(1), reader.GetString(2))] = (reader.GetInt32(3), reader.GetInt64(4));
        }

        return new State(extension, indexed, filled);
    }

    private void LogUse(PgVector? extension)
    {
        var version = extension?.Version.ToString() ?? "";
        if (version == _loggedVersion)
        {
            return;
        }

        _loggedVersion = version;
        if (extension is { Serves: true })
        {
            Log.Used(logger, options.Value.AcceleratedFrom, extension.Version);
        }
        else
        {
            Log.NotUsed(logger, extension is null ? "the database does not have the extension 'vector'" : $"the extension 'vector' has version {extension.Version}, and {PgVector.Oldest} is the oldest that can be used");
        }
    }

    private void Warn(Exception exception)
    {
        if (_warnedAt is not { } at || time.GetElapsedTime(at) > BetweenWarnings)
        {
            _warnedAt = time.GetTimestamp();
            Log.Failed(logger, FaultOf(exception));
        }
    }

    /// <summary>Returns the part of an exception that may be logged. The server's message is omitted, because it can contain values of rows.</summary>
    public static string FaultOf(Exception exception) => exception.GetBaseException() is PostgresException version ? $"SQLSTATE {version.SqlState}" : exception.GetType().Name;

    // Filled: the vector generation and the revision up to which each namespace is copied. An outdated state is safe: a search itself compares newer entries.
    private sealed record State(PgVector Extension, HashSet<int> Indexed, Dictionary<(string, string, string), (int Generation, long Revision)> Filled)
    {
        public long? FilledOf(MemoryNamespaceRecord space) =>
            Filled.TryGetValue((space.ProjectId, space.Environment.ToString(), space.Id), out var filled) && filled.Generation == space.Generation ? filled.Revision : null;
    }

    private static partial class Log
    {
        [LoggerMessage(396, LogLevel.Information, "Memory: namespaces of {Entries} entries and more are searched with pgvector {Version}.", EventName = "MemoryAccelerated")]
        public static partial void Used(ILogger logger, int entries, Version version);

        [LoggerMessage(397, LogLevel.Information, "Memory: searches compare all entries of a namespace; {Reason}.", EventName = "MemoryNotAccelerated")]
        public static partial void NotUsed(ILogger logger, string reason);

        [LoggerMessage(398, LogLevel.Information, "Memory: the index for vectors of {Dimensions} dimensions was built in {Seconds} s.", EventName = "MemoryIndexed")]
        public static partial void Indexed(ILogger logger, int dimensions, long seconds);

        [LoggerMessage(399, LogLevel.Warning, "Memory: the pgvector tables could not be updated ({Fault}). The edge tries again; until then, searches compare more entries.", EventName = "MemoryAccelerationFailed")]
        public static partial void Failed(ILogger logger, string fault);
    }
}
