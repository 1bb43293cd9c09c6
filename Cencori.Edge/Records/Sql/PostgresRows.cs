using System.Data.Common;
using Cencori.Edge.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Cencori.Edge.Records.Sql;

/// <summary>Rows of <c>request_records</c> by PostgreSQL's COPY, in its binary form.</summary>
internal static class PostgresRows
{
    public static async Task WriteAsync(DbTransaction transaction, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        var connection = (NpgsqlConnection)transaction.Connection!;
        await using var import = await connection.BeginBinaryImportAsync($"COPY request_records ({RecordColumns.Names}) FROM STDIN (FORMAT BINARY)", cancellation);
        for (var index = 0; index < records.Length; index++)
        {
            if (records.Span[index].HasRow)
            {
                await WriteAsync(import, records.Span[index].Record, cancellation);
            }
        }

        await import.CompleteAsync(cancellation);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter import, RequestRecord record, CancellationToken cancellation)
    {
        await import.StartRowAsync(cancellation);
        await Text(record.RequestId);
        await Number(record.StartedAt.ToUnixTimeMilliseconds());
        await Text(record.ProjectId);
        await Text(record.KeyId);
        await import.WriteAsync((short)record.Environment, NpgsqlDbType.Smallint, cancellation);
        await Text(record.Door);
        await Text(record.ModelAsked);
        await Text(record.ModelServed);
        await Text(record.Provider);
        await Text(record.CredentialHint);
        await import.WriteAsync(record.IsStream, NpgsqlDbType.Boolean, cancellation);
        await import.WriteAsync(record.Status, NpgsqlDbType.Integer, cancellation);
        await import.WriteAsync((short)record.Outcome, NpgsqlDbType.Smallint, cancellation);
        await Text(record.ErrorCode);
        await Number(record.PromptTokens);
        await Number(record.CachedTokens);
        await Number(record.CompletionTokens);
        await import.WriteAsync(record.IsEstimated, NpgsqlDbType.Boolean, cancellation);
        await Number(record.CostUsd is { } usd ? Picodollars.FromUsd(usd) : null);
        await Number(record.FirstByteMicroseconds);
        await Number(record.DurationMicroseconds);
        await Number(record.EdgeMicroseconds);
        await import.WriteAsync(record.Retries, NpgsqlDbType.Integer, cancellation);
        await Text(record.ClientAddress);
        await Text(record.App);

        Task Text(string? text) => RecordText.Keep(text) is { } kept
            ? import.WriteAsync(kept, NpgsqlDbType.Text, cancellation)
            : import.WriteNullAsync(cancellation);

        Task Number(long? number) => number is { } value
            ? import.WriteAsync(value, NpgsqlDbType.Bigint, cancellation)
            : import.WriteNullAsync(cancellation);
    }
}
