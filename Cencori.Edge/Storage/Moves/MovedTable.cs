using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Storage.Secrets;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

#pragma warning disable CA2100 // Only names from the schema go into the SQL.

namespace Cencori.Edge.Storage.Moves;

/// <summary>A table that both databases have, and how its rows are copied from SQLite to PostgreSQL.</summary>
/// <param name="Name">Name of the table in both databases.</param>
/// <param name="Columns">Names and PostgreSQL types of the columns.</param>
internal sealed record MovedTable(string Name, IReadOnlyList<(string Name, string Type)> Columns)
{
    // Limits of one transaction. An interrupted move continues after the last complete transaction.
    private const int RowsAtOnce = 5_000;
    private const long BytesAtOnce = 32 * 1024 * 1024;

    private const string Settings = "settings";

    // Two settings are not copied: the checkpoint of the move, and the id of the master key, which each database keeps for itself.
    private string Where => Name == Settings ? $"\"Name\" NOT IN ('{MoveCheckpoint.Name}', '{MasterKeyCheck.SettingName}')" : "1 = 1";

    public async Task<long> CountAsync(DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM \"{Name}\" WHERE {Where}";
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    public async Task<bool> IsEmptyAsync(NpgsqlConnection target)
    {
        await using var command = target.CreateCommand();
        command.CommandText = $"SELECT EXISTS (SELECT 1 FROM \"{Name}\" WHERE {Where})";
        return await command.ExecuteScalarAsync() is false;
    }

    /// <summary>Copies the next rows from SQLite to PostgreSQL.</summary>
    /// <param name="source">Connection to SQLite.</param>
    /// <param name="target">Connection to PostgreSQL, in a transaction.</param>
    /// <param name="after">Rowid of the last copied row. Null: no row is copied yet.</param>
    /// <returns>The number of copied rows, and the rowid of the last one.</returns>
    public async Task<(int Count, long? Last)> CopyAsync(SqliteConnection source, NpgsqlConnection target, long? after)
    {
        await using var query = source.CreateCommand();
        query.CommandText = $"SELECT rowid, {Names} FROM \"{Name}\" WHERE {Where}{(after is null ? "" : " AND rowid > @after")} ORDER BY rowid LIMIT {RowsAtOnce}";
        if (after is { } number)
        {
            query.Parameters.AddWithValue("after", number);
        }

        await using var reader = await query.ExecuteReaderAsync();
        await using var writer = await target.BeginBinaryImportAsync($"COPY \"{Name}\" ({Names}) FROM STDIN (FORMAT BINARY)");
        writer.Timeout = TimeSpan.Zero;
        var (count, bytes) = (0, 0L);
        while (bytes < BytesAtOnce && reader.Read())
        {
            after = reader.GetInt64(0);
            await writer.StartRowAsync();
            for (var column = 0; column < Columns.Count; column++)
            {
                bytes += await WriteAsync(writer, reader, column + 1, Columns[column].Type);
            }

            count++;
        }

        await writer.CompleteAsync();
        return (count, after);
    }

    private string Names => string.Join(", ", Columns.Select(column => $"\"{column.Name}\""));

    // Writes one value. Returns its approximate size in bytes.
    private static async ValueTask<int> WriteAsync(NpgsqlBinaryImporter writer, SqliteDataReader reader, int column, string type)
    {
        if (reader.IsDBNull(column))
        {
            await writer.WriteNullAsync();
            return 1;
        }

        switch (type)
        {
            case "bigint":
                await writer.WriteAsync(reader.GetInt64(column), NpgsqlDbType.Bigint);
                return sizeof(long);
            case "integer":
                await writer.WriteAsync(reader.GetInt32(column), NpgsqlDbType.Integer);
                return sizeof(int);
            case "smallint":
                await writer.WriteAsync(reader.GetInt16(column), NpgsqlDbType.Smallint);
                return sizeof(short);
            case "boolean":
                await writer.WriteAsync(reader.GetInt64(column) != 0, NpgsqlDbType.Boolean);
                return 1;
            case "double precision":
                await writer.WriteAsync(reader.GetDouble(column), NpgsqlDbType.Double);
                return sizeof(double);
            case "numeric":
                await writer.WriteAsync(decimal.Parse(reader.GetString(column), NumberStyles.Float, CultureInfo.InvariantCulture), NpgsqlDbType.Numeric);
                return sizeof(decimal);
            case "bytea":
                var bytes = reader.GetFieldValue<byte[]>(column);
                await writer.WriteAsync(bytes, NpgsqlDbType.Bytea);
                return bytes.Length;
            case "text":
                // Replaces U+0000, which PostgreSQL cannot store. The edge refuses this character in new input.
                var text = reader.GetString(column).Replace('\0', '\uFFFD');
                await writer.WriteAsync(text, NpgsqlDbType.Text);
                return text.Length;
            case "text[]":
                await writer.WriteAsync(JsonSerializer.Deserialize<string[]>(reader.GetString(column))!, NpgsqlDbType.Array | NpgsqlDbType.Text);
                return RowsAtOnce;
            case "integer[]":
                await writer.WriteAsync(JsonSerializer.Deserialize<int[]>(reader.GetString(column))!, NpgsqlDbType.Array | NpgsqlDbType.Integer);
                return RowsAtOnce;
            default:
                throw new NotSupportedException($"No conversion is defined for columns of type {type}.");
        }
    }
}
