using System.Data.Common;
using System.Text;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Usage;

/// <summary>Rows of <c>request_records</c> by one prepared statement of SQLite.</summary>
/// <remarks>Its parameters are bound without ADO.NET, which boxes each of them and looks it up by name, and takes longer over that than SQLite over the row.</remarks>
internal static class SqliteRows
{
    private static readonly string Sql =
        $"INSERT INTO request_records ({RecordColumns.Names}) VALUES ({string.Join(", ", Enumerable.Repeat("?", RecordColumns.Count))})";

    public static void Write(DbTransaction transaction, ReadOnlySpan<PendingRecord> records)
    {
        var database = ((SqliteTransaction)transaction).Connection!.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, Sql, out var statement), database);
        using (statement)
        {
            foreach (var pending in records)
            {
                if (pending.HasRow)
                {
                    Bind(statement, pending.Record);
                    raw.sqlite3_step(statement);

                    // It tells again what the step has told.
                    SqliteException.ThrowExceptionForRC(raw.sqlite3_reset(statement), database);
                }
            }
        }
    }

    private static void Bind(sqlite3_stmt statement, RequestRecord record)
    {
        var last = 0;
        Span<byte> buffer = stackalloc byte[RecordText.MaxLength * 3];
        Text(record.RequestId, buffer);
        Number(record.StartedAt.ToUnixTimeMilliseconds());
        Text(record.ProjectId, buffer);
        Text(record.KeyId, buffer);
        Number((long)record.Environment);
        Text(record.Door, buffer);
        Text(record.ModelAsked, buffer);
        Text(record.ModelServed, buffer);
        Text(record.Provider, buffer);
        Text(record.CredentialHint, buffer);
        Number(record.IsStream ? 1 : 0);
        Number(record.Status);
        Number((long)record.Outcome);
        Text(record.ErrorCode, buffer);
        Number(record.PromptTokens);
        Number(record.CachedTokens);
        Number(record.CompletionTokens);
        Number(record.IsEstimated ? 1 : 0);
        Number(record.CostUsd is { } usd ? Picodollars.FromUsd(usd) : null);
        Number(record.FirstByteMicroseconds);
        Number(record.DurationMicroseconds);
        Number(record.EdgeMicroseconds);
        Number(record.Retries);
        Text(record.ClientAddress, buffer);
        Text(record.App, buffer);

        void Text(string? text, Span<byte> buffer)
        {
            last++;
            if (RecordText.Keep(text) is { } kept)
            {
                raw.sqlite3_bind_text(statement, last, buffer[..Encoding.UTF8.GetBytes(kept, buffer)]);
            }
            else
            {
                raw.sqlite3_bind_null(statement, last);
            }
        }

        void Number(long? number)
        {
            last++;
            if (number is { } value)
            {
                raw.sqlite3_bind_int64(statement, last, value);
            }
            else
            {
                raw.sqlite3_bind_null(statement, last);
            }
        }
    }
}
