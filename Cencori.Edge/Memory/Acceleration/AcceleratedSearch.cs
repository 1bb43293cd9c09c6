using System.Diagnostics.Metrics;
using System.Text;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.EntityFrameworkCore;
using Npgsql;

#pragma warning disable CA2100 // Only the extension's schema name and integers go into the SQL.

namespace Cencori.Edge.Memory.Acceleration;

/// <summary>
/// Searches a large namespace with pgvector. The edge computes the exact similarity of each result again, and also compares the
/// entries that are not yet copied into the pgvector tables. If pgvector cannot answer, the caller compares all entries.
/// </summary>
internal sealed partial class AcceleratedSearch
{
    public const string RecallName = "cencori.edge.memory.recall";

    // Maximum number of entries that are not yet in the pgvector tables. If there are more, a search of the vectors in memory is faster.
    private const int MaxNewer = 2_000;

    private const int SampleEvery = 100;

    // Timeout of a recall measurement, in seconds.
    private const int SampleTimeout = 30;

    // Tolerance when similarities are compared: sums of the same floats in another order may differ by this much.
    private const double Tolerance = 1e-6;

    // After a fault, no search uses pgvector for this time.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(10);

    private readonly VectorAcceleration _acceleration;
    private readonly VectorReader _reader;
    private readonly IDbContextFactory<EdgeDbContext> _contexts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Histogram<double> _recall;
    private uint _searches;
    private int _isSampling;
    private long _pausedUntil = long.MinValue;
    private long _nextWarningAt = long.MinValue;

    public AcceleratedSearch(VectorAcceleration acceleration, VectorReader reader, IDbContextFactory<EdgeDbContext> contexts, IMeterFactory meters, TimeProvider time, ILogger<AcceleratedSearch> logger)
    {
        (_acceleration, _reader, _contexts, _time, _logger) = (acceleration, reader, contexts, time, logger);
        _recall = meters.Create(EdgeTelemetry.MeterName).CreateHistogram(RecallName, "1", "Share of the nearest entries that pgvector has found, measured on one in a hundred of its searches.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999] });
    }

    /// <param name="space">The namespace's row, as read from the database.</param>
    /// <param name="vector">Vector of the query, normalized to length 1.</param>
    /// <param name="threshold">Minimum similarity of a result.</param>
    /// <param name="count">Maximum number of results.</param>
    /// <param name="filter">Filter on the entries' metadata. Null: every entry matches.</param>
    /// <param name="only">Numbers of the entries to compare. Null: all entries are compared.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    /// <returns>The most similar entries first. Null: pgvector could not be used, so the caller must compare all entries.</returns>
    public async ValueTask<List<(long Number, double Similarity)>?> TryFindAsync(MemoryNamespaceRecord space, float[] vector, double threshold, int count, MemoryFilter? filter, IReadOnlyCollection<long>? only, CancellationToken cancellation)
    {
        if (_acceleration.Find(space) is not var (extension, filled) || Now() < Volatile.Read(ref _pausedUntil))
        {
            return null;
        }

        try
        {
            var query = new VectorQuery(extension, space, vector, count, filter, Now());
            var found = only is null ? await FindAsync(query, filled, cancellation) : await QueryAsync(query, VectorSubset.Numbered, cancellation, only: only);
            if (found is null)
            {
                return null;
            }

            var best = new TopMemories(count, threshold);
            foreach (var (number, similarity) in found)
            {
                best.Offer(number, similarity);
            }

            return best.Take();
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            NoteFault(exception);
            return null;
        }
    }

    // Returns the similarity by entry number. Null: too many entries are not yet in the pgvector tables.
    private async Task<Dictionary<long, double>?> FindAsync(VectorQuery query, long filled, CancellationToken cancellation)
    {
        var isFew = query.Filter is not null && await HasFewMatchesAsync(query, cancellation);
        var found = await QueryAsync(query, isFew ? VectorSubset.All : VectorSubset.Indexed, cancellation);
        if (!isFew && found.Count < query.Count)
        {
            // The index scan stopped before it found enough matching entries. More may exist, so all entries are compared.
            found = await QueryAsync(query, VectorSubset.All, cancellation);
        }
        else if (!isFew)
        {
            Sample(query, found);
        }

        return query.Space.Revision <= filled || await AddNewerAsync(query, filled, found, cancellation) ? found : null;
    }

    private async Task<bool> HasFewMatchesAsync(VectorQuery query, CancellationToken cancellation)
    {
        await using var database = await _contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        await using var command = query.FewMatchesCommand((NpgsqlConnection)database.Database.GetDbConnection(), _acceleration.MaxForFullComparison);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    // Adds the entries that are not yet in the pgvector tables. False: there are too many of them.
    private async Task<bool> AddNewerAsync(VectorQuery query, long filled, Dictionary<long, double> found, CancellationToken cancellation)
    {
        var row = new float[query.Space.Dimensions];
        return await _reader.ReadAsync(query.Space, filled, Take, cancellation, MaxNewer);

        void Take(long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> bytes) => query.Offer(found, row, number, expiresAt, metadata, bytes);
    }

    private async Task<Dictionary<long, double>> QueryAsync(VectorQuery query, VectorSubset among, CancellationToken cancellation, int? timeout = null, IReadOnlyCollection<long>? only = null)
    {
        await using var database = await _contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        var connection = (NpgsqlConnection)database.Database.GetDbConnection();

        // The settings (SET LOCAL) belong to the transaction and not to the session, because a connection pooler may share the session.
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = query.Command(connection, among, only);
        command.CommandTimeout = timeout ?? command.CommandTimeout;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (found, row) = (new Dictionary<long, double>(), new float[query.Space.Dimensions]);
        while (await reader.ReadAsync(cancellation))
        {
            query.Offer(found, row, reader.GetInt64(0), reader.IsDBNull(1) ? long.MaxValue : reader.GetInt64(1), reader.IsDBNull(2) ? null : Encoding.UTF8.GetBytes(reader.GetString(2)), reader.GetFieldValue<byte[]>(3));
        }

        return found;
    }

    // Measures the recall of a search in the background, one measurement at a time.
    private void Sample(VectorQuery query, Dictionary<long, double> found)
    {
        if (Interlocked.Increment(ref _searches) % SampleEvery == 1 && Interlocked.CompareExchange(ref _isSampling, 1, 0) == 0)
        {
            double[] similarities = [.. found.Values.OrderDescending().Take(query.Count)];
            _ = Task.Run(() => SampleAsync(query, similarities));
        }
    }

    private async Task SampleAsync(VectorQuery query, double[] found)
    {
        try
        {
            double[] all = [.. (await QueryAsync(query, VectorSubset.All, CancellationToken.None, SampleTimeout)).Values.OrderDescending().Take(query.Count)];
            if (all.Length > 0)
            {
                _recall.Record(Math.Min(1, (double)found.Count(similarity => similarity >= all[^1] - Tolerance) / all.Length));
            }
        }
        catch (Exception exception)
        {
            Log.NotSampled(_logger, VectorAcceleration.FaultOf(exception));
        }
        finally
        {
            Volatile.Write(ref _isSampling, 0);
        }
    }

    private void NoteFault(Exception exception)
    {
        var now = Now();
        Volatile.Write(ref _pausedUntil, now + (long)Pause.TotalMilliseconds);
        var silent = Volatile.Read(ref _nextWarningAt);
        if (now >= silent && Interlocked.CompareExchange(ref _nextWarningAt, now + (long)BetweenWarnings.TotalMilliseconds, silent) == silent)
        {
            Log.Failed(_logger, VectorAcceleration.FaultOf(exception));
        }
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Warning, "Memory: pgvector could not answer a search ({Fault}). For a minute, searches compare all entries.", EventName = "MemoryAcceleratedSearchFailed")]
        public static partial void Failed(ILogger logger, string fault);

        [LoggerMessage(401, LogLevel.Debug, "Memory: the recall of a pgvector search could not be measured ({Fault}).", EventName = "MemoryRecallNotSampled")]
        public static partial void NotSampled(ILogger logger, string fault);
    }
}
