using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>For the few questions of a start: EF takes longer to compile the first of them than the database to answer all.</summary>
internal static class RawSql
{
    /// <summary>The first column of every row, as text. It must not be NULL.</summary>
    /// <param name="database">What is asked; its connection is given back.</param>
    /// <param name="sql">Means the same to every database system, and holds nothing that came from outside.</param>
    public static async Task<List<string>> ReadTextAsync(this EdgeDbContext database, string sql)
    {
        await database.Database.OpenConnectionAsync();
        try
        {
            await using var command = database.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // All of it stands in the code.
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
