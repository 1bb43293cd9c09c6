using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage.Startup;

/// <summary>
/// Migrates the database to the schema of this version, and adds the first data, such as the admin token. Holds a lock against other edges meanwhile. A
/// failure is reported in one line.
/// </summary>
public sealed partial class DatabaseStartup(
    IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, SecretSealer sealer, TimeProvider time, ILogger<DatabaseStartup> logger)
{
    /// <summary>How long <see cref="PrepareLateAsync"/> waits between two attempts.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private volatile bool _isPrepared;

    /// <summary>True when this edge has prepared the database. Until then, no key or token can be checked.</summary>
    public bool IsPrepared => _isPrepared;

    /// <summary>Tries once to prepare the database, before the edge listens.</summary>
    /// <param name="fill">Adds the first data, such as the admin token. Called after the migration, still under the lock.</param>
    /// <returns>The result of <paramref name="fill"/>. Null: the database is not reachable; call <see cref="PrepareLateAsync"/> to try again.</returns>
    /// <exception cref="StartupException">The operator must fix something.</exception>
    public async Task<T?> PrepareAsync<T>(Func<Task<T>> fill)
        where T : class
    {
        try
        {
            return await AttemptAsync(fill, CancellationToken.None);
        }
        catch (Exception exception) when (system.Explain(exception) is { } fault)
        {
            if (!fault.IsTransient)
            {
                throw new StartupException(Line(fault), exception);
            }

            Log.StartingWithoutDatabase(logger, Line(fault));
            return null;
        }
    }

    /// <summary>Tries to prepare the database until this succeeds, while the edge already listens. Faults that an operator must fix are only logged.</summary>
    /// <returns>The result of <paramref name="fill"/>. Null: the edge is stopping.</returns>
    public async Task<T?> PrepareLateAsync<T>(Func<Task<T>> fill, CancellationToken stopping)
        where T : class
    {
        string? reported = null;
        while (true)
        {
            try
            {
                await Task.Delay(RetryInterval, time, stopping);
                var result = await AttemptAsync(fill, stopping);
                Log.PreparedLate(logger, system.Name);
                return result;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception exception)
            {
                var fault = system.Explain(exception);
                var line = fault is not null ? Line(fault) : exception.Message;
                if (fault is not { IsTransient: true } && line != reported)
                {
                    reported = line;
                    Log.CannotPrepare(logger, fault is null && exception is not StartupException ? exception : null, line);
                }
            }
        }
    }

    private async Task<T> AttemptAsync<T>(Func<Task<T>> fill, CancellationToken cancellation)
    {
        // Only the wait for the lock can be canceled. The work after it always completes: fill prints secrets that are shown only once.
        await using var heldLock = await system.LockAsync(cancellation);
        await using (var database = await contexts.CreateDbContextAsync(CancellationToken.None))
        {
            await Schema.MigrateAsync(database, system);
            await MasterKeyCheck.CheckAsync(database, system, sealer);
            await CredentialSeals.RenewAsync(database, sealer);
        }

        await system.KeepOpenAsync();

        var result = await fill();
        _isPrepared = true;
        return result;
    }

    private string Line(DatabaseFault fault) => $"{system.Setting}: {system.Name} {fault.Reason}.";

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "{Fault} The edge listens without the database, refuses requests that need it, and tries again every second.", EventName = "StartingWithoutDatabase")]
        public static partial void StartingWithoutDatabase(ILogger logger, string fault);

        [LoggerMessage(11, LogLevel.Information, "The edge has prepared {Database} and is ready.", EventName = "PreparedLate")]
        public static partial void PreparedLate(ILogger logger, string database);

        [LoggerMessage(12, LogLevel.Error, "{Fault} The edge tries again every second.", EventName = "CannotPrepare")]
        public static partial void CannotPrepare(ILogger logger, Exception? exception, string fault);
    }
}
