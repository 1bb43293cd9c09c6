using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Keys;

/// <summary>
/// Looks up one of the stored keys before requests do, because the first lookup also compiles the queries for keys and projects. On a fraction of a core
/// that takes longer than requests wait for a lookup, so a restarted edge would refuse its first requests.
/// </summary>
/// <remarks>An edge without a valid key compiles only a part: its first key is created later.</remarks>
public sealed partial class FirstLookup(CallerLookup callers, IDbContextFactory<EdgeDbContext> contexts, TimeProvider time, ILogger<FirstLookup> logger)
{
    // Maximum time that the start waits for a database that does not respond.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Never throws: requests look up their own keys, and report a failure.</summary>
    public async Task TryRunAsync()
    {
        try
        {
            await Task.Run(RunAsync).WaitAsync(Timeout, TimeProvider.System);
        }
        catch (Exception exception)
        {
            Log.Failed(logger, exception);
        }
    }

    private async Task RunAsync()
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync();
        var hash = await database.ApiKeys.Where(row => row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now)).OrderBy(row => row.Id).Select(row => row.Hash).FirstOrDefaultAsync();
        if (hash is not null)
        {
            await callers.FindAsync(KeyHash.From(hash));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(403, LogLevel.Warning, "The edge starts without having looked up a key. Its first requests may be slow.", EventName = "FirstLookupFailed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
