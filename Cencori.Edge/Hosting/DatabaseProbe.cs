using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Hosting;

/// <summary>Checks whether the database responds. Queries the database at most once per <see cref="Interval"/>; all callers share the result.</summary>
public sealed class DatabaseProbe(IDbContextFactory<EdgeDbContext> contexts, DatabaseStartup startup, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Timeout of the query. Without a result in this time, the database counts as not responding.</summary>
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
            // The next query starts only after the previous query has ended: a database in trouble must not get many waiting queries.
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

    // Reads a table of the edge, because a file or a connection can be opened even when the tables are missing.
    private async Task<bool> QueryAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Deadline, time);
            await using var database = await contexts.CreateDbContextAsync(limit.Token);
            database.Database.SetCommandTimeout(Deadline);
            await database.Settings.AnyAsync(limit.Token);

            // Another edge may have created the tables. This edge is prepared only after it has also loaded the admin token.
            return startup.IsPrepared;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
