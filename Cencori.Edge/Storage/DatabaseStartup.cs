using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>
/// Brings the database to the schema of this version and fills an empty one, while no other edge does the same to it. Where
/// it cannot, it says in one line why.
/// </summary>
public sealed partial class DatabaseStartup(
    IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, SecretSealer sealer, TimeProvider time, ILogger<DatabaseStartup> logger)
{
    /// <summary>How long <see cref="PrepareLateAsync"/> waits between two attempts.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private volatile bool _isPrepared;

    /// <summary>False until the database has been prepared by this edge. Until then nobody can tell a good key or token from a bad one.</summary>
    public bool IsPrepared => _isPrepared;

    /// <summary>One attempt, before the edge listens.</summary>
    /// <param name="fill">Runs on the finished schema, still without other edges beside it.</param>
    /// <returns>What <paramref name="fill"/> gives. Null: the database is away, and <see cref="PrepareLateAsync"/> should go on trying.</returns>
    /// <exception cref="StartupException">The operator has to mend something.</exception>
    public async Task<T?> PrepareAsync<T>(Func<Task<T>> fill)
        where T : class
    {
        try
        {
            return await AttemptAsync(fill, CancellationToken.None);
        }
        catch (Exception exception) when (system.Explain(exception) is { } fault)
        {
            if (!fault.IsAway)
            {
                throw new StartupException(Line(fault), exception);
            }

            Log.StartingWithoutDatabase(logger, Line(fault));
            return null;
        }
    }

    /// <summary>Tries until it succeeds, while the edge listens already. What an operator has to mend is only logged then.</summary>
    /// <returns>Null: the edge is stopping.</returns>
    public async Task<T?> PrepareLateAsync<T>(Func<Task<T>> fill, CancellationToken stopping)
        where T : class
    {
        string? told = null;
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
                if (fault is not { IsAway: true } && line != told)
                {
                    told = line;
                    Log.CannotPrepare(logger, fault is null && exception is not StartupException ? exception : null, line);
                }
            }
        }
    }

    private async Task<T> AttemptAsync<T>(Func<Task<T>> fill, CancellationToken cancellation)
    {
        // Whoever waits for the lock may give up; whoever has it makes what is shown once, and must come to an end.
        await using var alone = await system.LockAsync(cancellation);
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
        [LoggerMessage(10, LogLevel.Warning, "{Fault} The edge listens without it, refuses what needs it, and tries again every second.", EventName = "StartingWithoutDatabase")]
        public static partial void StartingWithoutDatabase(ILogger logger, string fault);

        [LoggerMessage(11, LogLevel.Information, "The edge has prepared {Database} and is ready.", EventName = "PreparedLate")]
        public static partial void PreparedLate(ILogger logger, string database);

        [LoggerMessage(12, LogLevel.Error, "{Fault} It is tried again every second.", EventName = "CannotPrepare")]
        public static partial void CannotPrepare(ILogger logger, Exception? exception, string fault);
    }
}
