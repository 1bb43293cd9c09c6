using Cencori.Edge.Projects;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Storage;

/// <summary>
/// Data directories outlive upgrades: this version opens those of older versions, stored in Storage/Directories, and finds all their data.
/// </summary>
/// <remarks>
/// The stored directories never change; migrations must handle them. Before a release whose schema or spool differs from the last, add its
/// directory; the test finds it by itself. To create it, run the code of that release with
/// <c>CENCORI_TEST_LEAVE=/some/where dotnet test --filter Data_of_this_version</c>, then
/// <c>sqlite3 edge.db .dump > edge.sql</c>. Do not add the database itself.
/// </remarks>
public sealed class UpgradeTests
{
    private const string Spooled = "spooled-1";

    private static readonly DateTimeOffset Then = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Left => [.. Directory.GetDirectories(Sources()).Select(directory => Path.GetFileName(directory)!)];

    [Theory, MemberData(nameof(Left))]
    public async Task Data_of_older_versions_is_complete_after_an_upgrade(string version)
    {
        var directory = Directory.CreateTempSubdirectory("edge-left-");
        await RestoreAsync(Path.Combine(Sources(), version), directory.FullName);
        await AssertAllThereAsync(directory.FullName);
        RunDirectory.Delete(directory.FullName);
    }

    [Fact]
    public async Task Data_of_this_version_is_complete_after_a_restart()
    {
        var kept = Environment.GetEnvironmentVariable("CENCORI_TEST_LEAVE");
        var directory = kept is null ? Directory.CreateTempSubdirectory("edge-left-") : Directory.CreateDirectory(kept);
        await LeaveAsync(directory.FullName);
        if (kept is null)
        {
            await AssertAllThereAsync(directory.FullName);
            RunDirectory.Delete(directory.FullName);
        }
    }

    private static async Task AssertAllThereAsync(string directory)
    {
        // The records are of a fixed day, and must not expire on another one.
        await using (var edge = await RunningEdge.StartAsync(["Usage:RecordRetentionDays=3660"], dataDirectory: directory))
        {
            var project = (await edge.SendAdminAsync(HttpMethod.Get, "/api/projects"))["projects"]!.AsArray().Single(project => (string?)project!["name"] == "test project")!;
            var path = $"/api/projects/{project["id"]}";
            Assert.Equal(77, (int)(await edge.SendAdminAsync(HttpMethod.Get, path + "/rate-limits"))["requests_per_minute"]!);
            Assert.Single((await edge.SendAdminAsync(HttpMethod.Get, path + "/provider-keys"))["providers"]!.AsArray());
            var credential = (await edge.Services.GetRequiredService<ProjectCache>().GetAsync((string)project["id"]!))!.Credential("openai", KeyEnvironment.Production)!;
            Assert.Equal((RunningEdge.ProviderKey, "default", "cr_"), (credential.Secret, credential.Name, credential.Id[..3]));
            using var response = await edge.SendAsync(await File.ReadAllTextAsync(Path.Combine(directory, "key.txt")), HttpMethod.Get, "/v1/models/gpt-4o");
            Assert.Equal(200, (int)response.StatusCode);

            await Eventually.IsTrueAsync(async () => (await edge.RowsAsync()).Count == 3);
            Assert.Equivalent(Records((string)project["id"]!), await edge.RowsAsync());
            Assert.Equal(3, (await edge.RollupsAsync()).Sum(row => row.Requests));
            await edge.AssertRollupsAreTheSumOfRowsAsync();
            Assert.Equal(Spooled, (string?)(await edge.SendAdminAsync(HttpMethod.Get, $"{path}/logs/{Spooled}"))["record"]!["request_id"]);
        }

        SqliteConnection.ClearAllPools();
    }

    private static async Task LeaveAsync(string directory)
    {
        string project;
        await using (var edge = await RunningEdge.StartAsync(dataDirectory: directory))
        {
            project = await edge.CreateProjectAsync("openai");
            await edge.SetLimitsAsync(project, new { requests_per_minute = 77 });
            await File.WriteAllTextAsync(Path.Combine(directory, "key.txt"), await edge.CreateKeyAsync(project));
            Array.ForEach(Records(project)[..2], edge.Records().Write);
        }

        SqliteConnection.ClearAllPools();
        using var spool = new RecordSpool(Path.Combine(directory, "spool"), writerId: 7, maxBytes: 1_000_000);
        spool.TryAppend([new PendingRecord(Records(project)[2], 1, HasRow: true)]);
    }

    private static RequestRecord[] Records(string project)
    {
        var full = Some.Record(project, at: Then, id: $"req_{Then.ToUnixTimeMilliseconds():x12}7abc8def0123456789ab");
        full.Attempts = [new() { Number = 1, Target = "openai/gpt-4o", Started = 100, Outcome = "rate_limited", Status = 429, HintMs = 1_000 }];
        return
        [
            full,
            Some.Record(project, RequestOutcome.Error, Then.AddMinutes(1), id: "a caller's own", model: null, cost: null),
            Some.Record(project, at: Then.AddMinutes(2), id: Spooled),
        ];
    }

    private static async Task RestoreAsync(string from, string to)
    {
        var spool = Directory.CreateDirectory(Path.Combine(to, "spool")).FullName;
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(file.EndsWith(".spool", StringComparison.Ordinal) ? spool : to, Path.GetFileName(file)));
        }

        await using var database = new SqliteConnection($"Data Source={Path.Combine(to, "edge.db")};Pooling=False");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL;" + await File.ReadAllTextAsync(Path.Combine(from, "edge.sql"));
        await command.ExecuteNonQueryAsync();
    }

    private static string Sources()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Cencori.Edge.sln")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests must run in a directory below the solution.");
        }

        return Path.Combine(directory.FullName, "Cencori.Edge.Tests", "Storage", "Directories");
    }
}
