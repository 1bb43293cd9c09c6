using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace Cencori.Edge.Storage.Moves;

/// <summary>Prevents a start with an empty or outdated database when <c>Storage:Provider</c> does not match where the data is.</summary>
public sealed class StorageSwitch(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, DataDirectory directory, IOptions<StorageOptions> options)
{
    private const string Setting = "Storage:Provider";
    private const string Override = "Storage:AllowSwitch=true";

    // Seconds.
    private const int LockTimeout = 5;

    /// <summary>Must run on a database with the schema of this version, before anything is written to it.</summary>
    /// <exception cref="StartupException">The edge's data is in the other database system, or its move to PostgreSQL is not finished.</exception>
    public async Task CheckAsync()
    {
        await using var database = await contexts.CreateDbContextAsync();
        var isSqlite = database.Database.IsSqlite();
        var mark = (await database.ReadTextAsync(MoveCheckpoint.Question)).ConvertAll(MoveCheckpoint.Parse).FirstOrDefault();
        if (mark is { FinishedAt: null } && !isSqlite)
        {
            throw new StartupException($"{PostgresSettings.Setting}: the move to {system.Name} is not finished. Run Cencori.Edge migrate again: it continues where it was interrupted.");
        }

        if (mark is not null && isSqlite)
        {
            await ThrowIfMovedAsync(database, mark);
        }
        else if (mark is null && !options.Value.AllowSwitch && await DescribeOtherDataAsync(isSqlite) is { } elsewhere && !await HasProjectsAsync(database))
        {
            throw new StartupException($"{Setting}: {elsewhere}. The edge found no projects in {system.Name}. Set {Override} to start with an empty database.");
        }

        if (!isSqlite)
        {
            directory.NoteProvider();
        }
    }

    // Throws if a move of this SQLite database was started or is finished: the target would not receive later changes to rows that are already copied.
    private async Task ThrowIfMovedAsync(EdgeDbContext database, MoveCheckpoint mark)
    {
        if (!options.Value.AllowSwitch)
        {
            throw new StartupException(mark.FinishedAt is { } at
                ? $"{Setting}: the data in '{directory.DatabaseFile}' was moved to {mark.To} on {at:yyyy-MM-dd}. Set {Setting}=Postgres, or set {Override} to return to the data as it was before the move."
                : $"{Setting}: the move of '{directory.DatabaseFile}' to {mark.To} is not finished. Run Cencori.Edge migrate again, or set {Override} to abandon the move.");
        }

        await database.Settings.Where(setting => setting.Name == MoveCheckpoint.Name).ExecuteDeleteAsync();
    }

    // Describes the data that the edge has in the other database system. Null: the edge finds none there.
    private async Task<string?> DescribeOtherDataAsync(bool isSqlite)
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

    /// <summary>
    /// Counts the projects in the SQLite file. 0 also if the file has no projects table, was moved, or is not a database: in these cases, a start without the
    /// file leaves no project behind.
    /// </summary>
    /// <exception cref="StartupException">Another process has locked the file.</exception>
    private async Task<long> CountProjectsAsync()
    {
        try
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.DatabaseFile, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = LockTimeout }.ConnectionString);
            await connection.OpenAsync();
            if (await MoveCheckpoint.ReadAsync(connection) is { FinishedAt: not null })
            {
                return 0;
            }

            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM projects";
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (SqliteException exception)
        {
            return exception.SqliteErrorCode is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
                ? 0
                : throw new StartupException($"{Setting}: another process has locked '{directory.DatabaseFile}', so the edge cannot see whether projects are in it. Stop that process, or set {Override} to start with an empty database.");
        }
    }
}
