using System.Data.Common;
using System.Text;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Records.Rollups;

/// <summary>The table <c>usage_rollups</c> in SQL that SQLite and PostgreSQL both understand.</summary>
internal static class RollupTable
{
    /// <summary>What <see cref="AddSums"/> reads, in its order.</summary>
    public const string SumColumns =
        """
        "Success", "Errors", "Filtered", "RateLimited", "Cancelled", "PromptTokens", "CachedTokens", "CompletionTokens", "Picodollars", "Unpriced", "LatencyMicroseconds", "Latencies"
        """;

    /// <summary>The writer of rows that have been merged. No writer has a negative number.</summary>
    public const long Merged = -1;

    private const string KeyColumns = """ "ProjectId", "Environment", "Hour", "Provider", "Model", "WriterId" """;
    private const int KeyCount = 6;

    // Rows of one statement, each of which is a round trip to PostgreSQL.
    private const int RowsAtOnce = 40;

    private static readonly string[] Columns = [.. $"{KeyColumns}, \"Requests\", {SumColumns}".Split(", ")];

    /// <summary>Replaces this writer's rows, or adds them.</summary>
    public static async Task WriteAsync(
        DbTransaction transaction, long writerId, IReadOnlyCollection<KeyValuePair<RollupKey, UsageSums>> rows, CancellationToken cancellation)
    {
        if (transaction is SqliteTransaction)
        {
            Write(transaction, writerId, rows);
            return;
        }

        foreach (var chunk in rows.Chunk(RowsAtOnce))
        {
            await using var command = transaction.CreateCommand("");
            var values = new StringBuilder();
            foreach (var (key, sums) in chunk)
            {
                values.Append(command.Parameters.Count == 0 ? "(" : ", (");
                foreach (var value in Values(key, writerId, sums))
                {
                    values.Append("@p").Append(command.Parameters.Count).Append(", ");
                    command.Add($"p{command.Parameters.Count}", value);
                }

                values.Length -= 2;
                values.Append(')');
            }

            command.CommandText = Upsert(values.ToString());
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Makes the cache know every row of this writer from an hour on.</summary>
    public static async Task LoadAsync(DbTransaction transaction, long writerId, long fromHour, RollupCache cache, CancellationToken cancellation)
    {
        cache.Reset(fromHour);
        await using var command = transaction.CreateCommand(
            $"""SELECT "Hour", "ProjectId", "Environment", "Provider", "Model", {SumColumns} FROM usage_rollups WHERE "Hour" >= @hour AND "WriterId" = @writer""");
        command.Add("hour", fromHour);
        command.Add("writer", writerId);
        await ReadAsync(command, cache.Load, cancellation);
    }

    /// <summary>Who has rows of an hour of a project, in the order in which every transaction that wants several of them is to enter them.</summary>
    public static async Task<List<long>> WritersAsync(DbTransaction transaction, long hour, string projectId, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            """SELECT DISTINCT "WriterId" FROM usage_rollups WHERE "Hour" = @hour AND "ProjectId" = @project AND "WriterId" >= 0 ORDER BY "WriterId" """);
        command.Add("hour", hour);
        command.Add("project", projectId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var writers = new List<long>();
        while (await reader.ReadAsync(cancellation))
        {
            writers.Add(reader.GetInt64(0));
        }

        return writers;
    }

    /// <summary>Deletes this writer's rows of an hour of a project, and gives what they were.</summary>
    public static async Task TakeAsync(DbTransaction transaction, long writerId, long hour, string projectId, Action<RollupKey, UsageSums> take, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            $"""
            DELETE FROM usage_rollups WHERE "Hour" = @hour AND "WriterId" = @writer AND "ProjectId" = @project
            RETURNING "Hour", "ProjectId", "Environment", "Provider", "Model", {SumColumns}
            """);
        command.Add("hour", hour);
        command.Add("writer", writerId);
        command.Add("project", projectId);
        await ReadAsync(command, take, cancellation);
    }

    /// <summary>Reads <see cref="SumColumns"/>, the first of which is the reader's column <paramref name="first"/>, on top of what <paramref name="sums"/> holds.</summary>
    public static void AddSums(DbDataReader reader, int first, UsageSums sums)
    {
        sums.Success += reader.GetInt64(first);
        sums.Errors += reader.GetInt64(first + 1);
        sums.Filtered += reader.GetInt64(first + 2);
        sums.RateLimited += reader.GetInt64(first + 3);
        sums.Cancelled += reader.GetInt64(first + 4);
        sums.PromptTokens += reader.GetInt64(first + 5);
        sums.CachedTokens += reader.GetInt64(first + 6);
        sums.CompletionTokens += reader.GetInt64(first + 7);
        sums.Picodollars = Picodollars.Add(sums.Picodollars, reader.GetInt64(first + 8));
        sums.Unpriced += reader.GetInt64(first + 9);
        sums.LatencyMicroseconds += reader.GetInt64(first + 10);
        sums.Latencies.Add(reader.GetFieldValue<byte[]>(first + 11));
    }

    private static async Task ReadAsync(DbCommand command, Action<RollupKey, UsageSums> read, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var key = new RollupKey(reader.GetInt64(0), reader.GetString(1), (KeyEnvironment)reader.GetInt16(2), reader.GetString(3), reader.GetString(4));
            var sums = new UsageSums();
            AddSums(reader, first: 5, sums);
            read(key, sums);
        }
    }

    private static void Write(DbTransaction transaction, long writerId, IEnumerable<KeyValuePair<RollupKey, UsageSums>> rows)
    {
        using var statement = new SqliteStatement(transaction, Upsert($"({string.Join(", ", Columns.Select(_ => "?"))})"), Columns.Length);
        foreach (var (key, sums) in rows)
        {
            var parameter = 0;
            foreach (var value in Values(key, writerId, sums))
            {
                statement.Bind(++parameter, value);
            }

            statement.Run();
        }
    }

    private static string Upsert(string values) =>
        $"INSERT INTO usage_rollups ({string.Join(", ", Columns)}) VALUES {values} ON CONFLICT ({KeyColumns}) DO UPDATE SET {string.Join(", ", Columns.Skip(KeyCount).Select(column => $"{column} = excluded.{column}"))}";

    private static object[] Values(RollupKey key, long writerId, UsageSums sums) =>
    [
        key.ProjectId, (short)key.Environment, key.Hour, key.Provider, key.Model, writerId, sums.Requests,
        sums.Success, sums.Errors, sums.Filtered, sums.RateLimited, sums.Cancelled, sums.PromptTokens, sums.CachedTokens, sums.CompletionTokens,
        sums.Picodollars, sums.Unpriced, sums.LatencyMicroseconds, sums.Latencies.ToArray(),
    ];
}
