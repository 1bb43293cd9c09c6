using System.Collections.Concurrent;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Keys;

/// <summary>Writes when keys were last used, every <see cref="Interval"/> and once more at the end; never on a request's path.</summary>
public sealed partial class LastUsedWriter(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time, ILogger<LastUsedWriter> logger)
    : BackgroundWriter
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new();
    private readonly ThrottledWarning _told = new(time);

    /// <summary>
    /// By the ids of keys, what is not written down yet. Whoever reads it before the rows misses nothing; nobody who only looks has to write for it.
    /// </summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Unwritten => _used.ToDictionary();

    public void Note(ApiKey key)
    {
        var now = time.GetUtcNow();
        if (key.TryNoteUse(now))
        {
            // As it is stored.
            _used[key.Id] = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        }
    }

    /// <summary>As <see cref="FlushAsync"/>, but a database that is away is only logged: nothing is lost, and nobody needs to wait.</summary>
    public async Task TryFlushAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (Exception exception)
        {
            if (_told.IsDue())
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

        // In one order everywhere: edges that write the same keys at once would otherwise wait for each other in a circle.
        foreach (var use in _used.OrderBy(use => use.Key, StringComparer.Ordinal))
        {
            await database.ApiKeys.Where(row => row.Id == use.Key && (row.LastUsedAt == null || row.LastUsedAt < use.Value))
                .ExecuteUpdateAsync(row => row.SetProperty(key => key.LastUsedAt, (DateTimeOffset?)use.Value));
            written.Add(use);
        }

        await transaction.CommitAsync();

        // A use noted meanwhile has another time and stays for the next round.
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
        [LoggerMessage(31, LogLevel.Warning, "When keys were last used could not be written ({Fault}); it is tried again. Told once a minute at most.", EventName = "CannotWriteLastUsed")]
        public static partial void CannotWrite(ILogger logger, string fault);
    }
}
