using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>Brings the database to the schema of this version, or says in one line why it cannot.</summary>
public sealed class DatabaseStartup(IDbContextFactory<EdgeDbContext> contexts, DataDirectory directory, SecretSealer sealer)
{
    /// <exception cref="StartupException">The file is unusable, newer than this edge, or sealed under an unknown key.</exception>
    public async Task RunAsync()
    {
        try
        {
            await using var database = await contexts.CreateDbContextAsync();
            await MigrateAsync(database);
            await RefuseUnknownSealAsync(database);
        }
        catch (SqliteException exception)
        {
            throw new StartupException($"Storage:DataDirectory: cannot use the database '{directory.DatabaseFile}': {exception.Message}", exception);
        }
    }

    private async Task MigrateAsync(EdgeDbContext database)
    {
        var known = database.Database.GetMigrations().ToList();
        var applied = (await database.Database.GetAppliedMigrationsAsync()).ToList();
        if (applied.Except(known).LastOrDefault() is { } unknown)
        {
            throw new StartupException(
                $"Storage:DataDirectory: the database '{directory.DatabaseFile}' was written by a newer edge (schema '{unknown}'). Start that version, or point to another directory.");
        }

        // Asking EF to migrate costs half a second even where there is nothing to do.
        if (known.Count > applied.Count)
        {
            await database.Database.MigrateAsync();

            // WAL lets requests read while an administrator writes; the mode is kept in the file.
            await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
        }
    }

    private async Task RefuseUnknownSealAsync(EdgeDbContext database)
    {
        var ids = await database.ProviderKeys.Select(row => row.SealKeyId).Distinct().ToListAsync();
        if (ids.Find(id => !sealer.Knows(id)) is { } unknown)
        {
            throw new StartupException(
                $"{MasterKey.Setting}: stored provider credentials are sealed under key '{unknown}', which is not among the configured keys. Restore that key, or add it after the new one, separated by a comma.");
        }
    }
}
