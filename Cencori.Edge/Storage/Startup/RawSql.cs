using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage.Startup;

/// <summary>Runs the few queries of a start without EF. EF takes longer to compile its first query than the database takes to execute all of them.</summary>
internal static class RawSql
{
    /// <summary>Returns the first column of every row, as text. The column must not be NULL.</summary>
    /// <param name="database">The database. Its connection is opened and closed.</param>
    /// <param name="sql">A query that is valid for every database system, and that contains no external input.</param>
    public static async Task<List<string>> ReadTextAsync(this EdgeDbContext database, string sql)
    {
        await database.Database.OpenConnectionAsync();
        try
        {
            await using var command = database.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // The SQL is a constant in the code.
            command.CommandText = sql;
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync())
            {
                rows.Add(reader.GetString(0));
            }

            return rows;
        }
        finally
        {
            await database.Database.CloseConnectionAsync();
        }
    }
}
