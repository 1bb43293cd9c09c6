using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cencori.Edge.Storage;

/// <summary>Brings a database to the schema of this version.</summary>
public static class Schema
{
    // SQLite's word for every statement that does not fit the schema; this one can only miss its table.
    private const int SqliteNoSuchTable = 1;

    // A migration may rewrite what years have gathered.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    /// <exception cref="StartupException">The database was written by a newer edge, or by one from before the first that others had.</exception>
    public static async Task MigrateAsync(EdgeDbContext database, IDatabaseSystem system)
    {
        var known = database.Database.GetMigrations().ToList();
        var applied = await ReadAppliedAsync(database);
        if (applied.Except(known).LastOrDefault() is { } unknown)
        {
            // Their names begin with when they were made.
            throw new StartupException(string.CompareOrdinal(unknown, known[0]) < 0
                ? $"{system.Setting}: {system.Name} was written by an edge from before the first release (schema '{unknown}'), and cannot be brought up to date. Point to a new one."
                : $"{system.Setting}: {system.Name} was written by a newer edge (schema '{unknown}'). Start that version, or point to another one.");
        }

        // Asking EF to migrate costs half a second even where there is nothing to do.
        if (known.Count > applied.Count)
        {
            database.Database.SetCommandTimeout(Timeout);
            await database.Database.MigrateAsync();
            if (database.Database.IsSqlite())
            {
                // WAL lets requests read while an administrator writes; the mode is kept in the file.
                await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
            }
        }
    }

    // EF would look for the table first, and build a model of it.
    private static async Task<List<string>> ReadAppliedAsync(EdgeDbContext database)
    {
        try
        {
            return await database.ReadTextAsync("""SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY "MigrationId" """);
        }
        catch (Exception exception) when (exception is SqliteException { SqliteErrorCode: SqliteNoSuchTable } or PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
        {
            return [];
        }
    }
}
