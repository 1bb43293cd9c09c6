using System.Collections.Concurrent;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Keys;

/// <summary>Stores when keys were last used, every <see cref="Interval"/> and once at shutdown; never during a request.</summary>
public sealed partial class LastUsedWriter(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time, ILogger<LastUsedWriter> logger)
    : BackgroundWriter
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new();
    private readonly ThrottledWarning _warning = new(time);

    /// <summary>
    /// Times of last use that are not stored yet, by key id. Code that reads these times before the database rows misses no use, and needs no flush.
    /// </summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Unwritten => _used.ToDictionary();

    public void Note(ApiKey key)
    {
        var now = time.GetUtcNow();
        if (key.TryNoteUse(now))
        {
            // Cut to milliseconds, the precision of the database.
            _used[key.Id] = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        }
    }

    /// <summary>As <see cref="FlushAsync"/>, but a database failure is only logged. The times stay in memory for the next flush.</summary>
    public async Task TryFlushAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (Exception exception)
        {
            if (_warning.IsDue())
            {
                Log.CannotWrite(logger, exception.GetType().Name);
            }
        }
    }

    public async Task FlushAsync()
    {
        if (_used.IsEmpty)
        {
            return;
        }

        await using var database = await contexts.CreateDbContextAsync();
        await using var transaction = await database.Database.BeginTransactionAsync();
        var written = new List<KeyValuePair<string, DateTimeOffset>>();

        // All edges write in the same order. Otherwise transactions on the same keys could deadlock.
        foreach (var use in _used.OrderBy(use => use.Key, StringComparer.Ordinal))
        {
            await database.ApiKeys.Where(row => row.Id == use.Key && (row.LastUsedAt == null || row.LastUsedAt < use.Value))
                .ExecuteUpdateAsync(row => row.SetProperty(key => key.LastUsedAt, (DateTimeOffset?)use.Value));
            written.Add(use);
        }

        await transaction.CommitAsync();

        // A key that was used during the write has a newer time, so its entry stays for the next flush.
        foreach (var use in written)
        {
            _used.TryRemove(use);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryFlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await TryFlushAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(31, LogLevel.Warning, "The times of the last use of keys could not be stored ({Fault}). The edge tries again. Logged at most once a minute.", EventName = "CannotWriteLastUsed")]
        public static partial void CannotWrite(ILogger logger, string fault);
    }
}
