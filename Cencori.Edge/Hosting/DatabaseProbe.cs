using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Hosting;

/// <summary>Whether the database answers. However often it is asked, the database is asked at most once in an <see cref="Interval"/>.</summary>
public sealed class DatabaseProbe(IDbContextFactory<EdgeDbContext> contexts, DatabaseStartup startup, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A response later than this is none.</summary>
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
            // One that hangs is waited for before the next: a database in trouble is not helped by a heap of them.
            if (_query is null || (_query.IsCompleted && time.GetElapsedTime(_startedAt) >= Interval))
            {
                _startedAt = time.GetTimestamp();

                // SQLite does its work, and its waiting for locks, on the thread that asks.
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

    // A table of the edge's own: a file can be opened, and a server can answer, that has lost what was in it.
    private async Task<bool> QueryAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Deadline, time);
            await using var database = await contexts.CreateDbContextAsync(limit.Token);
            database.Database.SetCommandTimeout(Deadline);
            await database.Settings.AnyAsync(limit.Token);

            // Another edge may have prepared it; this one has to know the admin token too.
            return startup.IsPrepared;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
