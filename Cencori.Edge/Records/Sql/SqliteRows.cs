using System.Data.Common;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Sql;

/// <summary>Rows of <c>request_records</c> by one prepared statement of SQLite.</summary>
internal static class SqliteRows
{
    private static readonly string Sql =
        $"INSERT INTO request_records ({RecordColumns.Names}) VALUES ({string.Join(", ", Enumerable.Repeat("?", RecordColumns.Count))})";

    public static void Write(DbTransaction transaction, ReadOnlySpan<PendingRecord> records)
    {
        using var statement = new SqliteStatement(transaction, Sql, RecordColumns.Count);
        foreach (var pending in records)
        {
            if (pending.HasRow)
            {
                Bind(statement, pending.Record);
                statement.Run();
            }
        }
    }

    private static void Bind(SqliteStatement statement, RequestRecord record)
    {
        statement.Bind(1, record.RequestId);
        statement.Bind(2, record.StartedAt.ToUnixTimeMilliseconds());
        statement.Bind(3, record.ProjectId);
        statement.Bind(4, record.KeyId);
        statement.Bind(5, (long)record.Environment);
        statement.Bind(6, record.Door);
        statement.Bind(7, record.ModelAsked);
        statement.Bind(8, record.ModelServed);
        statement.Bind(9, record.Provider);
        statement.Bind(10, record.CredentialHint);
        statement.Bind(11, record.IsStream ? 1 : 0);
        statement.Bind(12, record.Status);
        statement.Bind(13, (long)record.Outcome);
        statement.Bind(14, record.ErrorCode);
        statement.Bind(15, record.PromptTokens);
        statement.Bind(16, record.CachedTokens);
        statement.Bind(17, record.CompletionTokens);
        statement.Bind(18, record.IsEstimated ? 1 : 0);
        statement.Bind(19, record.CostUsd is { } usd ? Picodollars.FromUsd(usd) : null);
        statement.Bind(20, record.FirstByteMicroseconds);
        statement.Bind(21, record.DurationMicroseconds);
        statement.Bind(22, record.EdgeMicroseconds);
        statement.Bind(23, record.Retries);
        statement.Bind(24, record.ClientAddress);
        statement.Bind(25, record.App);
    }
}
