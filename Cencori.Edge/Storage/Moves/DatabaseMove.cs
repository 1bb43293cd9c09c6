using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cencori.Edge.Storage.Moves;

/// <summary>
/// Moves everything from SQLite to an empty PostgreSQL database. Cut off at any place it goes on from there when it is run again: rows
/// arrive in transactions, and each also says how far it has come.
/// </summary>
/// <param name="source">With the schema of this version, and nobody else there.</param>
/// <param name="target">Likewise.</param>
/// <param name="to">The target in words.</param>
/// <param name="tell">Told of each table how many of its rows have arrived, and how many there are.</param>
/// <param name="time">Of the mark.</param>
public sealed class DatabaseMove(SqliteConnection source, NpgsqlConnection target, string to, Action<string, long, long> tell, TimeProvider time)
{
    /// <param name="begin">Called before anything is moved, where there is something to move and it may be; not where it was moved before.</param>
    /// <returns>Of each table how many rows each side has at the end. Where they differ, the move is not finished. Null: it was finished before.</returns>
    /// <exception cref="StartupException">The target has data of its own, or of another move.</exception>
    public async Task<IReadOnlyList<(string Table, long Source, long Target)>?> RunAsync(Func<Task>? begin = null)
    {
        var tables = await MovedTables.ReadAsync(source, target);
        var (here, there) = (await MoveCheckpoint.ReadAsync(source), await MoveCheckpoint.ReadAsync(target));
        if (here is { FinishedAt: not null } || (there is { FinishedAt: not null } && there.Id == here?.Id))
        {
            return await RepeatAsync(here!, there);
        }

        if (there is null)
        {
            await RefuseDataAsync(tables);
        }
        else if (there.Id != here?.Id)
        {
            throw new StartupException($"{PostgresSettings.Setting}: {to} holds what was moved there from another database. Give the move an empty one.");
        }

        await (begin?.Invoke() ?? Task.CompletedTask);
        here = new MoveCheckpoint(here?.Id ?? Guid.NewGuid().ToString("N"), to, [], FinishedAt: null);
        await here.WriteAsync(source);
        there ??= here with { To = null };
        await there.WriteAsync(target);
        foreach (var table in tables)
        {
            await MoveAsync(table, there);
        }

        await MovedTables.SettleAsync(target);
        var counts = new List<(string Table, long Source, long Target)>();
        foreach (var table in tables)
        {
            counts.Add((table.Name, await table.CountAsync(source), await table.CountAsync(target)));
        }

        if (counts.TrueForAll(count => count.Source == count.Target))
        {
            // In this order: where the second is missing, another run finds the first.
            await (there with { FinishedAt = time.GetUtcNow() }).WriteAsync(target);
            await (here with { FinishedAt = time.GetUtcNow() }).WriteAsync(source);
        }

        return counts;
    }

    private async Task MoveAsync(MovedTable table, MoveCheckpoint there)
    {
        var (total, arrived) = (await table.CountAsync(source), await table.CountAsync(target));
        long? last = there.Rows.TryGetValue(table.Name, out var number) ? number : null;
        tell(table.Name, arrived, total);
        int count;
        do
        {
            await using var transaction = await target.BeginTransactionAsync();
            (count, last) = await table.CopyAsync(source, target, last);
            if (count > 0)
            {
                there.Rows[table.Name] = last!.Value;
                await there.WriteAsync(target, transaction);
                await transaction.CommitAsync();
                tell(table.Name, arrived += count, total);
            }
        }
        while (count > 0);
    }

    private async Task<IReadOnlyList<(string Table, long Source, long Target)>?> RepeatAsync(MoveCheckpoint here, MoveCheckpoint? there)
    {
        if (there is not { FinishedAt: not null } || there.Id != here.Id)
        {
            throw new StartupException($"Storage:DataDirectory: what is there was moved to {here.To} on {here.FinishedAt:yyyy-MM-dd}. To move it again, start the edge there once with Storage:Provider=Sqlite and Storage:AllowSwitch=true.");
        }

        if (here.FinishedAt is null)
        {
            await (here with { FinishedAt = there.FinishedAt }).WriteAsync(source);
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
            throw new StartupException($"{PostgresSettings.Setting}: {to} has data of its own: {string.Join(", ", found)}. Give the move an empty one, in which no edge has started yet.");
        }
    }
}
