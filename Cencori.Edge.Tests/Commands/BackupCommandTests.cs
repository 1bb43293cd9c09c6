using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Startup;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Tests.Commands;

/// <summary>The commands <c>backup</c> and <c>restore</c>.</summary>
public sealed class BackupCommandTests(RespondingEdge scene) : IClassFixture<RespondingEdge>, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edge-backup-").FullName;

    private string Copy => Path.Combine(_directory, "edge.backup");

    [Fact]
    [Trait(SlowestTests.Trait, "An edge process is killed, and another one starts.")]
    public async Task A_backup_of_a_running_edge_that_is_killed_restores_completely()
    {
        string[] anyPort = ["--urls=http://127.0.0.1:0"];
        var data = Path.Combine(_directory, "data");
        string key;
        await MigratedDatabase.PrepareAsync(_directory);
        await using (var edge = EdgeProcess.Start(_directory, anyPort))
        {
            var address = await edge.ListeningAsync();
            key = await edge.TestKeyAsync();
            await ChatAsync(address, key);
            await Eventually.IsTrueAsync(() => Count(Path.Combine(data, "edge.db")) == 1);

            var (code, output, errors) = await RunAsync("backup", data, Copy);
            Assert.Equal((0, ""), (code, errors));
            Assert.Contains("master key is NOT in it", output, StringComparison.Ordinal);
            Assert.Contains(Path.Combine(data, "master.key"), output, StringComparison.Ordinal);
            Assert.Equal(PrivateFiles.OfFiles, new FileInfo(Copy).UnixFileMode);
            Assert.Equal(["edge.backup"], Directory.GetFiles(_directory).Select(Path.GetFileName));

            await ChatAsync(address, key);
            Assert.Equal((1, $"Storage:DataDirectory: an edge runs in '{data}'. Stop it first."), await ErrorAsync("restore", data, Copy));
            await edge.KillAsync();
        }

        Assert.Contains("There is a database already", (await ErrorAsync("restore", data, Copy)).Error, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(data, "edge.db*"))
        {
            File.Delete(file);
        }

        Assert.Equal(0, (await RunAsync("restore", data, Copy)).Code);
        Assert.Equal(PrivateFiles.OfFiles, new FileInfo(Path.Combine(data, "edge.db")).UnixFileMode);
        await using var second = EdgeProcess.Start(_directory, anyPort);
        await ChatAsync(await second.ListeningAsync(), key);
        await Eventually.IsTrueAsync(() => Count(Path.Combine(data, "edge.db")) == 2);
        Assert.DoesNotContain("shown once", second.Output, StringComparison.Ordinal);
        Assert.Equal(0, await second.StopAsync());
        Assert.Equal("", second.Errors);
    }

    [Fact]
    public async Task A_copy_is_consistent_while_the_edge_writes()
    {
        var isEnough = false;
        var traffic = Task.Run(async () =>
        {
            for (var sent = 0; sent < 2_000 && !Volatile.Read(ref isEnough); sent++)
            {
                using var response = await scene.ChatAsync();
            }
        });
        for (var round = 0; round < 5; round++)
        {
            var copy = $"{Copy}.{round}";
            Assert.Equal(0, (await RunAsync("backup", scene.Edge.DataDirectory, copy)).Code);

            // Rows and sums are written in one transaction.
            Assert.Equal(Count(copy), Query(copy, "SELECT COALESCE(SUM(\"Requests\"), 0) FROM usage_rollups"));
            Assert.Equal("wal", Query(copy, "PRAGMA journal_mode"));
        }

        Volatile.Write(ref isEnough, true);
        await traffic;
    }

    [Fact]
    public async Task After_a_restore_credentials_open_only_with_the_same_master_key()
    {
        Assert.Equal(0, (await RunAsync("backup", scene.Edge.DataDirectory, Copy)).Code);
        var elsewhere = Path.Combine(_directory, "elsewhere");
        var (code, output, _) = await RunAsync("restore", elsewhere, Copy);
        Assert.Equal(0, code);
        Assert.Contains($"Put the key at '{Path.Combine(elsewhere, "master.key")}'", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(elsewhere, "master.key")));

        var refused = await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync(dataDirectory: elsewhere));
        Assert.Contains("Restore that key", refused.Message, StringComparison.Ordinal);
        SqliteConnection.ClearAllPools();
        File.Copy(Path.Combine(scene.Edge.DataDirectory, "master.key"), Path.Combine(elsewhere, "master.key"), overwrite: true);
        await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", scene.Provider.Address), RunningEdge.LoopbackIsOpen], dataDirectory: elsewhere);
        using var response = await edge.PostAsync(scene.Key, "/v1/chat/completions", ScriptedEdge.Chat);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.True((bool)(await edge.SendAdminAsync(HttpMethod.Get, "/api/audit/verify"))["valid"]!);
    }

    [Fact]
    public async Task No_file_is_overwritten_and_none_is_left_behind()
    {
        File.WriteAllText(Copy, "precious");
        Assert.Contains("already exists", (await ErrorAsync("backup", scene.Edge.DataDirectory, Copy)).Error, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Copy));
        Assert.Contains("already exists", (await ErrorAsync("backup", scene.Edge.DataDirectory, _directory)).Error, StringComparison.Ordinal);
        Assert.Contains("There is no directory", (await ErrorAsync("backup", scene.Edge.DataDirectory, Path.Combine(_directory, "no", "where"))).Error, StringComparison.Ordinal);
        Assert.Equal([Copy], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task Without_a_database_backup_fails_and_creates_nothing()
    {
        var nowhere = Path.Combine(_directory, "nowhere");
        Assert.Equal((1, $"Storage:DataDirectory: there is no database in '{nowhere}'."), await ErrorAsync("backup", nowhere, Copy));
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Theory]
    [InlineData("backup", "pg_dump")]
    [InlineData("restore", "pg_restore")]
    public async Task For_PostgreSQL_the_command_names_PostgreSQLs_own_program(string command, string named)
    {
        var (code, error) = await ErrorAsync(command, scene.Edge.DataDirectory, Copy, "--Storage:Provider=Postgres", "--Storage:ConnectionString=Host=h;Database=d;Password=recognisable");

        Assert.Equal(1, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain("recognisable", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incomplete_or_foreign_file_is_not_restored()
    {
        var target = Path.Combine(_directory, "target");
        await AssertRefusedAsync("There is no file", Copy);
        File.WriteAllText(Copy, "something else, and long enough for a header");
        await AssertRefusedAsync("not a SQLite database", Copy);

        var other = Path.Combine(_directory, "other.db");
        Query(other, "CREATE TABLE projects (x)");
        await AssertRefusedAsync("not the database of an edge", other);

        var whole = Path.Combine(_directory, "whole");
        Assert.Equal(0, (await RunAsync("backup", scene.Edge.DataDirectory, whole)).Code);
        var bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(other, bytes[..(bytes.Length / 2)]);
        await AssertRefusedAsync("", other);
        File.WriteAllText(whole + "-wal", "changes");
        await AssertRefusedAsync("so the file may be in use", whole);

        async Task AssertRefusedAsync(string expected, string file)
        {
            var (code, error) = await ErrorAsync("restore", target, file);
            Assert.Equal(1, code);
            Assert.Contains(expected, error, StringComparison.Ordinal);
            Assert.Empty(SqliteCopy.Find(Path.Combine(target, "edge.db")));
        }
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private static Task<(int Code, string Output, string Errors)> RunAsync(string command, string data, string file, params string[] more) =>
        ProgramRun.ToEndAsync([command, file, $"--Storage:DataDirectory={data}", .. more]);

    // Standard error has exactly one line, and standard output is empty.
    private static async Task<(int Code, string Error)> ErrorAsync(string command, string data, string file, params string[] more)
    {
        var (code, output, errors) = await RunAsync(command, data, file, more);
        Assert.Equal("", output);
        Assert.DoesNotContain('\n', errors);
        return (code, errors);
    }

    private static async Task ChatAsync(Uri address, string key)
    {
        using var client = new HttpClient { BaseAddress = address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(ScriptedEdge.Chat) };
        request.Headers.Authorization = new("Bearer", key);
        using var response = await client.SendAsync(request);
        Assert.NotNull(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["choices"]);
    }

    private static long Count(string database) => (long)Query(database, "SELECT COUNT(*) FROM request_records")!;

    private static object? Query(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
