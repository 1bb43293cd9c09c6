using Cencori.Edge.Storage.Systems;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cencori.Edge.Storage.Startup;

/// <summary>Migrates a database to the schema of this version.</summary>
public static class Schema
{
    // SQLite's generic error for a statement that does not fit the schema. For the query below, the only possible cause is a missing table.
    private const int SqliteNoSuchTable = 1;

    // How long one command of a migration may take: it may rewrite years of data.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    /// <exception cref="StartupException">The database was written by a newer edge, or by one from before the first release.</exception>
    public static async Task MigrateAsync(EdgeDbContext database, IDatabaseSystem system)
    {
        var known = database.Database.GetMigrations().ToList();
        var applied = await ReadAppliedAsync(database);
        if (applied.Except(known).LastOrDefault() is { } unknown)
        {
            // Names of migrations begin with their date. So a name that sorts before the first known one is older.
            throw new StartupException(string.CompareOrdinal(unknown, known[0]) < 0
                ? $"{system.Setting}: {system.Name} was written by an edge from before the first release (schema '{unknown}'), and cannot be migrated. Point this setting to a new database."
                : $"{system.Setting}: {system.Name} was written by a newer edge (schema '{unknown}'). Start that version, or point this setting to another database.");
        }

        // Skips EF's migrator if there is nothing to do: it takes half a second even then.
        if (known.Count > applied.Count)
        {
            database.Database.SetCommandTimeout(Timeout);
            if (database.Database.IsSqlite())
            {
                await ReleaseLockAsync(database);
            }

            await database.Database.MigrateAsync();
        }

        // WAL lets requests read while an administrator writes. The file stores the mode. A start that was killed may have migrated without setting it.
        if (database.Database.IsSqlite() && await database.ReadTextAsync("PRAGMA journal_mode") is not ["wal"])
        {
            await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
        }
    }

    // In SQLite, EF's migrator takes a lock that is a row, and waits for ever while the row is there. A start that was killed during a migration has left the row.
    // Nobody else can hold this lock, because the edge holds the lock of the data directory.
    private static async Task ReleaseLockAsync(EdgeDbContext database)
    {
        try
        {
            await database.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsLock" """);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SqliteNoSuchTable)
        {
            // The database was never migrated.
        }
    }

    // Reads the table of applied migrations without EF, which would first check for the table, and build a model for that.
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
