using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Hosting;

/// <summary>Checks whether the database responds. Queries the database at most once per <see cref="Interval"/>, however many callers ask.</summary>
public sealed class DatabaseProbe(IDbContextFactory<EdgeDbContext> contexts, DatabaseStartup startup, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A response later than this counts as none.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    private readonly Lock _starting = new();
    private Task<bool>? _query;
    private long _startedAt;

    public async ValueTask<bool> IsRespondingAsync()
    {
        Task<bool> query;
        TimeSpan left;
        lock (_starting)
        {
            // A hanging query must end before the next one starts: a database in trouble must not get a pile of queries.
            if (_query is null || (_query.IsCompleted && time.GetElapsedTime(_startedAt) >= Interval))
            {
                _startedAt = time.GetTimestamp();

                // SQLite runs queries, and waits for locks, on the calling thread.
                _query = Task.Run(QueryAsync);
            }

            query = _query;
            left = Deadline - time.GetElapsedTime(_startedAt);
        }

        if (query.IsCompleted || left <= TimeSpan.Zero)
        {
            return query.IsCompleted && await query;
        }

        try
        {
            return await query.WaitAsync(left, time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // Reads a table of the edge: opening the file or the connection also succeeds after the schema was lost.
    private async Task<bool> QueryAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Deadline, time);
            await using var database = await contexts.CreateDbContextAsync(limit.Token);
            database.Database.SetCommandTimeout(Deadline);
            await database.Settings.AnyAsync(limit.Token);

            // Another edge may have created the schema; this edge must also have loaded the admin token.
            return startup.IsPrepared;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
