using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Storage.Moves;

/// <summary>Keeps an edge from starting empty, or with what is no longer true, because <c>Storage:Provider</c> is not that of its data.</summary>
public sealed class StorageSwitch(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, DataDirectory directory, IOptions<StorageOptions> options)
{
    private const string Setting = "Storage:Provider";
    private const string Override = "Storage:AllowSwitch=true";

    /// <summary>To be asked of a database with the schema of this version, before anything is put into it.</summary>
    /// <exception cref="StartupException">The data is elsewhere.</exception>
    public async Task CheckAsync()
    {
        await using var database = await contexts.CreateDbContextAsync();
        var isSqlite = database.Database.IsSqlite();
        var mark = (await database.ReadTextAsync(MoveCheckpoint.Question)).ConvertAll(MoveCheckpoint.Parse).FirstOrDefault();
        if (mark is { FinishedAt: null } && !isSqlite)
        {
            throw new StartupException($"{PostgresSettings.Setting}: the move to {system.Name} is not finished. Run Cencori.Edge migrate again: it goes on where it was cut off.");
        }

        if (mark is not null && isSqlite)
        {
            await LeaveAsync(database, mark);
        }
        else if (mark is null && !options.Value.AllowSwitch && await HasDataAsync(isSqlite) is { } elsewhere && !await HasProjectsAsync(database))
        {
            throw new StartupException($"{Setting}: {elsewhere}, and {system.Name} has none. {Override} starts with an empty one.");
        }

        if (!isSqlite)
        {
            directory.NoteProvider();
        }
    }

    // What was moved, or was about to be, is changed there from then on, and not here.
    private async Task LeaveAsync(EdgeDbContext database, MoveCheckpoint mark)
    {
        if (!options.Value.AllowSwitch)
        {
            throw new StartupException(mark.FinishedAt is { } at
                ? $"{Setting}: what is in '{directory.DatabaseFile}' was moved to {mark.To} on {at:yyyy-MM-dd}. Set {Setting}=Postgres, or go back to what was there with {Override}."
                : $"{Setting}: the move of '{directory.DatabaseFile}' to {mark.To} is not finished. Run Cencori.Edge migrate again, or give it up with {Override}.");
        }

        await database.Settings.Where(setting => setting.Name == MoveCheckpoint.Name).ExecuteDeleteAsync();
    }

    // Null: nowhere but here, so far as anybody can see.
    private async Task<string?> HasDataAsync(bool isSqlite)
    {
        if (isSqlite)
        {
            return directory.IsOfPostgres ? $"edges in '{directory.FullPath}' had their data in PostgreSQL ({Setting}=Postgres)" : null;
        }

        return SqliteCopy.Find(directory.DatabaseFile).Count > 0 && await CountProjectsAsync() is > 0 and var count
            ? $"'{directory.DatabaseFile}' has {count} project{(count == 1 ? "" : "s")}. Move them with: Cencori.Edge migrate"
            : null;
    }

    private static async Task<bool> HasProjectsAsync(EdgeDbContext database) => (await database.ReadTextAsync("""SELECT "Id" FROM "projects" LIMIT 1""")).Count > 0;

    // None as well where it is of an edge that knew no projects yet, has been moved, or cannot be read: then there is nothing to go back to.
    private async Task<long> CountProjectsAsync()
    {
        try
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.DatabaseFile, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
            await connection.OpenAsync();
            if (await MoveCheckpoint.ReadAsync(connection) is { FinishedAt: not null })
            {
                return 0;
            }

            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM projects";
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }
}
