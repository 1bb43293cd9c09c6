using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Tests.Storage;

/// <summary>What a start that is killed while it migrates a SQLite file leaves behind does not stop the next start.</summary>
public sealed class KilledMigrationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edge-").FullName;

    [Fact]
    public async Task The_lock_of_a_killed_migration_does_not_stop_the_next_start()
    {
        Execute("""CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL)""");
        Execute("""INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00+00:00')""");

        await StartAsync();

        Assert.Equal("wal", Execute("PRAGMA journal_mode"));
        Assert.Equal(0L, Execute("""SELECT COUNT(*) FROM "__EFMigrationsLock" """));
    }

    [Fact]
    public async Task A_migrated_file_without_a_write_ahead_log_gets_one()
    {
        await StartAsync();
        Assert.Equal("delete", Execute("PRAGMA journal_mode = DELETE"));

        await StartAsync();

        Assert.Equal("wal", Execute("PRAGMA journal_mode"));
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private async Task StartAsync()
    {
        await using (var edge = await RunningEdge.StartAsync(dataDirectory: _directory).WaitAsync(Eventually.Timeout, TimeProvider.System))
        {
            await edge.CreateProjectAsync();
        }

        SqliteConnection.ClearAllPools();
    }

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "edge.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
