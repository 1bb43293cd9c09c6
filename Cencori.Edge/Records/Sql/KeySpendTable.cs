using System.Data.Common;
using System.Runtime.InteropServices;
using Cencori.Edge.Pricing;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Records.Sql;

/// <summary>Writes and reads the table <c>key_spend</c>: what each key or agent has spent per month. So budgets need no sums over the records.</summary>
internal static class KeySpendTable
{
    private const string Insert = """INSERT INTO key_spend ("ProjectId", "KeyId", "Month", "WriterId", "Picodollars")""";

    // If the row exists, its sum grows by the new amount. A sum that would overflow becomes the largest value.
    private const string OnConflict =
        """
        ON CONFLICT ("ProjectId", "KeyId", "Month", "WriterId") DO UPDATE SET "Picodollars" = CASE
          WHEN key_spend."Picodollars" > 9223372036854775807 - excluded."Picodollars" THEN 9223372036854775807
          ELSE key_spend."Picodollars" + excluded."Picodollars" END
        """;

    /// <summary>Adds the cost of all records, with or without a row in <c>request_records</c>, to the sums of the writer <paramref name="writerId"/>.</summary>
    public static async Task AddAsync(DbTransaction transaction, long writerId, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        var sums = Sum(records.Span);
        if (sums.Count == 0)
        {
            return;
        }

        if (transaction is SqliteTransaction)
        {
            Write(transaction, writerId, sums);
            return;
        }

        await using var command = transaction.CreateCommand($"{Insert} SELECT p, k, m, @writer, s FROM unnest(@projects, @keys, @months, @sums) AS added (p, k, m, s) {OnConflict}");
        command.Add("writer", writerId);
        command.Add("projects", sums.Keys.Select(key => key.ProjectId).ToArray());
        command.Add("keys", sums.Keys.Select(key => key.KeyId).ToArray());
        command.Add("months", sums.Keys.Select(key => key.Month).ToArray());
        command.Add("sums", sums.Values.ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void Write(DbTransaction transaction, long writerId, Dictionary<SpendKey, long> sums)
    {
        using var statement = new SqliteStatement(transaction, $"{Insert} VALUES (?, ?, ?, ?, ?) {OnConflict}", 5);
        statement.Bind(4, writerId);
        foreach (var (key, picodollars) in sums)
        {
            statement.Bind(1, key.ProjectId);
            statement.Bind(2, key.KeyId);
            statement.Bind(3, key.Month);
            statement.Bind(5, picodollars);
            statement.Run();
        }
    }

    private static Dictionary<SpendKey, long> Sum(ReadOnlySpan<PendingRecord> records)
    {
        var sums = new Dictionary<SpendKey, long>();
        foreach (var pending in records)
        {
            if (pending.Record is { Picodollars: > 0 and var cost } record)
            {
                var month = BillingMonth.Of(record.StartedAt).Number;
                Add(sums, new(record.ProjectId, record.KeyId, month), cost);
                if (record.AgentId is { } agent)
                {
                    Add(sums, new(record.ProjectId, agent, month), cost);
                }
            }
        }

        return sums;
    }

    private static void Add(Dictionary<SpendKey, long> sums, SpendKey key, long cost)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
        sum = Picodollars.Add(sum, cost);
    }

    private readonly record struct SpendKey(string ProjectId, string KeyId, int Month)
    {
        // A weak hash is enough, because callers cannot choose these ids.
        public override int GetHashCode() => HashCode.Combine(TextHash.Of(ProjectId), TextHash.Of(KeyId), Month);
    }
}
