using System.Data.Common;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Usage;

/// <summary>Rows of <c>request_records</c> by one prepared statement of SQLite.</summary>
internal static class SqliteRows
{
    private static readonly string Sql =
        $"INSERT INTO request_records ({RecordColumns.Names}) VALUES ({string.Join(", ", Enumerable.Range(0, RecordColumns.Count).Select(index => $"@p{index}"))})";

    public static void Write(DbTransaction transaction, ReadOnlySpan<PendingRecord> records)
    {
        using var command = (SqliteCommand)transaction.CreateCommand(Sql);
        var parameters = new SqliteParameter[RecordColumns.Count];
        for (var index = 0; index < parameters.Length; index++)
        {
            parameters[index] = (SqliteParameter)command.Add($"p{index}", null);
        }

        command.Prepare();
        foreach (var pending in records)
        {
            if (pending.HasRow)
            {
                Set(parameters, pending.Record);
                command.ExecuteNonQuery();
            }
        }
    }

    private static void Set(SqliteParameter[] parameters, RequestRecord record)
    {
        var next = 0;
        Text(record.RequestId);
        Number(record.StartedAt.ToUnixTimeMilliseconds());
        Text(record.ProjectId);
        Text(record.KeyId);
        Number((long)record.Environment);
        Text(record.Door);
        Text(record.ModelAsked);
        Text(record.ModelServed);
        Text(record.Provider);
        Text(record.CredentialHint);
        Number(record.IsStream ? 1 : 0);
        Number(record.Status);
        Number((long)record.Outcome);
        Text(record.ErrorCode);
        Number(record.PromptTokens);
        Number(record.CachedTokens);
        Number(record.CompletionTokens);
        Number(record.IsEstimated ? 1 : 0);
        Number(record.CostUsd is { } usd ? Picodollars.FromUsd(usd) : null);
        Number(record.FirstByteMicroseconds);
        Number(record.DurationMicroseconds);
        Number(record.EdgeMicroseconds);
        Number(record.Retries);
        Text(record.ClientAddress);
        Text(record.App);

        void Text(string? text) => parameters[next++].Value = (object?)RecordText.Keep(text) ?? DBNull.Value;

        void Number(long? number) => parameters[next++].Value = number is { } value ? value : DBNull.Value;
    }
}
