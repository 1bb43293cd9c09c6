using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cencori.Edge.Tests.Infrastructure.Databases;

/// <summary>
/// Databases that have the schema and nothing else. A run applies the migrations once for each system and copies the result, because
/// applying them takes longer than everything else that an edge does at its start. Tests of the first start and of migrations begin
/// with an empty directory or an empty <see cref="PostgresDatabase"/>.
/// </summary>
internal static class MigratedDatabase
{
    private static readonly Lazy<Task<string>> SqliteFile = new(MakeSqliteFileAsync);
    private static readonly Lazy<Task<string>> PostgresTemplate = new(MakePostgresTemplateAsync);

    /// <summary>A new data directory with a migrated SQLite file.</summary>
    public static async Task<string> NewDirectoryAsync()
    {
        var directory = Directory.CreateTempSubdirectory("edge-").FullName;
        await CopyToAsync(directory);
        return directory;
    }

    /// <summary>Gives edges that will start in this working directory a migrated SQLite file, unless they have one.</summary>
    public static async Task PrepareAsync(string workingDirectory)
    {
        var data = Path.Combine(workingDirectory, "data");
        if (!Directory.Exists(data))
        {
            PrivateFiles.CreateDirectory(data);
            await CopyToAsync(data);
        }
    }

    /// <summary>The database that new PostgreSQL databases are copied from.</summary>
    public static Task<string> PostgresTemplateAsync() => PostgresTemplate.Value;

    private static async Task CopyToAsync(string directory) => File.Copy(await SqliteFile.Value, Path.Combine(directory, DataDirectory.DatabaseName));

    private static async Task<string> MakeSqliteFileAsync()
    {
        var options = Options.Create(new StorageOptions { DataDirectory = Directory.CreateTempSubdirectory("template-").FullName });
        var directory = new DataDirectory(options, NullLogger<DataDirectory>.Instance);
        await using var database = new SqliteEdgeDbContext(
            new DbContextOptionsBuilder<SqliteEdgeDbContext>().UseSqlite($"Data Source={directory.DatabaseFile};Pooling=False").Options);
        await Schema.MigrateAsync(database, new SqliteSystem(directory, isJoined: false));
        if (!OperatingSystem.IsWindows())
        {
            // Copies keep the mode. An edge logs that it narrowed the mode of a file that others can read.
            File.SetUnixFileMode(directory.DatabaseFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return directory.DatabaseFile;
    }

    private static async Task<string> MakePostgresTemplateAsync()
    {
        var template = await PostgresDatabase.CreateAsync();

        // PostgreSQL copies no database that a connection is open to.
        var settings = new NpgsqlConnectionStringBuilder(template.ConnectionString) { Pooling = false };
        await using var database = new PostgresEdgeDbContext(
            new DbContextOptionsBuilder<PostgresEdgeDbContext>().UseNpgsql(settings.ConnectionString).Options);
        await Schema.MigrateAsync(database, new PostgresSystem(settings));
        return template.Name;
    }
}
