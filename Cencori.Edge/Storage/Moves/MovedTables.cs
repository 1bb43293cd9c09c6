using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cencori.Edge.Storage.Moves;

/// <summary>Reads from the catalogs of both databases which tables must be moved. Both databases have the schema of this version.</summary>
internal static class MovedTables
{
    private const string OfSource = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\' AND name NOT LIKE 'memory\\_words%' ESCAPE '\\' ORDER BY name";

    private const string OfTarget = """
        SELECT t.relname, c.attname, format_type(c.atttypid, c.atttypmod)
        FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
        WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND c.attnum > 0 AND NOT c.attisdropped AND c.attgenerated = '' ORDER BY t.relname, c.attnum
        """;

    private const string References = """
        SELECT t.relname, p.relname FROM pg_constraint r JOIN pg_class t ON t.oid = r.conrelid JOIN pg_class p ON p.oid = r.confrelid
        WHERE r.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND t.oid <> p.oid
        """;

    // Finds identity columns. Their sequences must continue after the moved rows.
    private const string Sequences = """
        SELECT t.relname, c.attname FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
        WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND c.attidentity <> ''
        """;

    /// <summary>Lists the tables in copy order: a referenced table comes before the tables that refer to it.</summary>
    public static async Task<IReadOnlyList<MovedTable>> ReadAsync(SqliteConnection source, NpgsqlConnection target)
    {
        var columns = (await QueryAsync(target, OfTarget)).ToLookup(row => row[0], row => (Name: row[1], Type: row[2]));
        var parents = (await QueryAsync(target, References)).ToLookup(row => row[0], row => row[1]);
        var left = (await QueryAsync(source, OfSource)).Select(row => row[0]).ToList();
        var tables = new List<MovedTable>();
        while (left.Count > 0)
        {
            var next = left.Find(table => !parents[table].Any(left.Contains)) ?? throw new NotSupportedException($"The foreign keys of tables form a cycle: {string.Join(", ", left)}.");
            tables.Add(new MovedTable(next, [.. columns[next]]));
            left.Remove(next);
        }

        return tables;
    }

    /// <summary>Sets the sequences of identity columns so that they continue after the moved rows, and updates PostgreSQL's statistics. Must run after all
    /// rows are moved.</summary>
    public static async Task SettleAsync(NpgsqlConnection target)
    {
        foreach (var row in await QueryAsync(target, Sequences))
        {
            await QueryAsync(target, $"""SELECT setval(pg_get_serial_sequence('"{row[0]}"', '{row[1]}'), COALESCE(MAX("{row[1]}"), 0) + 1, false)::text FROM "{row[0]}" """);
        }

        // Without statistics, the first queries would run with plans for empty tables.
        await using var command = target.CreateCommand();
        command.CommandText = "ANALYZE";
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string[]>> QueryAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The SQL is a constant in the code, apart from names from the database's own catalog.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string[]>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        }

        return rows;
    }
}
