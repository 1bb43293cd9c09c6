using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cencori.Edge.Storage.Moves;

/// <summary>
/// Moves all data from SQLite to an empty PostgreSQL database. An interrupted move continues when it is run again: rows are copied in transactions,
/// each of which also stores the progress.
/// </summary>
/// <param name="source">The SQLite database. It has the schema of this version, and nothing else uses it.</param>
/// <param name="target">The PostgreSQL database. It has the schema of this version, and nothing else uses it.</param>
/// <param name="to">Description of the target for messages.</param>
/// <param name="reportProgress">Receives the progress: table, rows copied, rows in total.</param>
/// <param name="time">The clock for the times in <see cref="MoveCheckpoint"/>.</param>
public sealed class DatabaseMove(SqliteConnection source, NpgsqlConnection target, string to, Action<string, long, long> reportProgress, TimeProvider time)
{
    /// <summary>Runs the move, or continues it.</summary>
    /// <param name="begin">Called before the first write, if the move is allowed and not already finished.</param>
    /// <returns>The row counts of each table on both sides. If they differ, the move is not finished. Null: an earlier run has finished the move.</returns>
    /// <exception cref="StartupException">The target has other data, or data of another move.</exception>
    public async Task<IReadOnlyList<(string Table, long Source, long Target)>?> RunAsync(Func<Task>? begin = null)
    {
        var tables = await MovedTables.ReadAsync(source, target);
        var (sourceCheckpoint, targetCheckpoint) = (await MoveCheckpoint.ReadAsync(source), await MoveCheckpoint.ReadAsync(target));
        if (sourceCheckpoint is { FinishedAt: not null } || (targetCheckpoint is { FinishedAt: not null } && targetCheckpoint.Id == sourceCheckpoint?.Id))
        {
            return await RepeatAsync(sourceCheckpoint!, targetCheckpoint);
        }

        if (targetCheckpoint is null)
        {
            await RefuseDataAsync(tables);
        }
        else if (targetCheckpoint.Id != sourceCheckpoint?.Id)
        {
            throw new StartupException($"{PostgresSettings.Setting}: {to} holds data that was moved there from another database. Give the move an empty database.");
        }

        await (begin?.Invoke() ?? Task.CompletedTask);
        sourceCheckpoint = new MoveCheckpoint(sourceCheckpoint?.Id ?? Guid.NewGuid().ToString("N"), to, [], FinishedAt: null);
        await sourceCheckpoint.WriteAsync(source);
        targetCheckpoint ??= sourceCheckpoint with { To = null };
        await targetCheckpoint.WriteAsync(target);
        foreach (var table in tables)
        {
            await MoveAsync(table, targetCheckpoint);
        }

        await MovedTables.SettleAsync(target);
        var counts = new List<(string Table, long Source, long Target)>();
        foreach (var table in tables)
        {
            counts.Add((table.Name, await table.CountAsync(source), await table.CountAsync(target)));
        }

        if (counts.TrueForAll(count => count.Source == count.Target))
        {
            // Writes the checkpoint of the target first: if the second write is missing, the next run sees that the target is finished.
            await (targetCheckpoint with { FinishedAt = time.GetUtcNow() }).WriteAsync(target);
            await (sourceCheckpoint with { FinishedAt = time.GetUtcNow() }).WriteAsync(source);
        }

        return counts;
    }

    private async Task MoveAsync(MovedTable table, MoveCheckpoint targetCheckpoint)
    {
        var (total, arrived) = (await table.CountAsync(source), await table.CountAsync(target));
        long? last = targetCheckpoint.Rows.TryGetValue(table.Name, out var number) ? number : null;
        reportProgress(table.Name, arrived, total);
        int count;
        do
        {
            await using var transaction = await target.BeginTransactionAsync();
            (count, last) = await table.CopyAsync(source, target, last);
            if (count > 0)
            {
                targetCheckpoint.Rows[table.Name] = last!.Value;
                await targetCheckpoint.WriteAsync(target, transaction);
                await transaction.CommitAsync();
                reportProgress(table.Name, arrived += count, total);
            }
        }
        while (count > 0);
    }

    private async Task<IReadOnlyList<(string Table, long Source, long Target)>?> RepeatAsync(MoveCheckpoint sourceCheckpoint, MoveCheckpoint? targetCheckpoint)
    {
        if (targetCheckpoint is not { FinishedAt: not null } || targetCheckpoint.Id != sourceCheckpoint.Id)
        {
            throw new StartupException($"Storage:DataDirectory: the data in this directory was moved to {sourceCheckpoint.To} on {sourceCheckpoint.FinishedAt:yyyy-MM-dd}. To move it again, start the edge once on this directory with Storage:Provider=Sqlite and Storage:AllowSwitch=true.");
        }

        if (sourceCheckpoint.FinishedAt is null)
        {
            await (sourceCheckpoint with { FinishedAt = targetCheckpoint.FinishedAt }).WriteAsync(source);
        }

        return null;
    }

    private async Task RefuseDataAsync(IReadOnlyList<MovedTable> tables)
    {
        var found = new List<string>();
        foreach (var table in tables)
        {
            if (!await table.IsEmptyAsync(target))
            {
                found.Add($"{await table.CountAsync(target)} rows of {table.Name}");
            }
        }

        if (found.Count > 0)
        {
            throw new StartupException($"{PostgresSettings.Setting}: {to} has data of its own: {string.Join(", ", found)}. Give the move an empty database on which no edge has started yet.");
        }
    }
}
