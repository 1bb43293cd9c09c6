using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Tests.Startup;

/// <summary>The edge as a process: its first start, its second start, and its end.</summary>
[Trait(SlowestTests.Trait, "Processes start and stop, one after the other.")]
public sealed partial class FirstStartTests : IDisposable
{
    private static readonly string[] AnyPort = ["--urls=http://127.0.0.1:0"];

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    private string Data => Path.Combine(_directory, "data");

    [Fact]
    public async Task The_first_start_prints_token_and_key_and_its_curl_line_works_unchanged()
    {
        await using var edge = EdgeProcess.Start(_directory, AnyPort);
        var address = await edge.ListeningAsync();
        await Eventually.IsTrueAsync(() => Curl().IsMatch(edge.Output));

        Assert.Matches(@"Admin token \(shown once\): +cadm_[0-9a-f]{48}", edge.Output);
        Assert.Contains($"Sign in with it at         {address}dashboard\n", edge.Output, StringComparison.Ordinal);
        Assert.Matches(@"Test key \(shown once\): +csk_test_[0-9a-f]{48}", edge.Output);
        var line = Curl().Match(edge.Output).Value;
        Assert.Contains(address.ToString(), line, StringComparison.Ordinal);
        var response = JsonNode.Parse(await ShellAsync(line))!;
        Assert.Equal("chat.completion", (string?)response["object"]);
        Assert.NotEmpty((string)response["choices"]![0]!["message"]!["content"]!);
        Assert.Equal("", edge.Errors);
        Assert.Contains($"data:      {Data}\n", edge.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n +providers: /.*/yarp\.json\n +prices:    /.*/prices\.json\n +dashboard: http://.*/dashboard\n", edge.Output);

        // The secrets are the last output on the screen.
        Assert.DoesNotMatch("info:|has started", edge.Output[edge.Output.IndexOf("Admin token", StringComparison.Ordinal)..]);
        Assert.Contains("has started", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_owner_can_read_the_master_key_file()
    {
        await using var edge = EdgeProcess.Start(_directory, AnyPort);
        await edge.ListeningAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(Data, "master.key")).UnixFileMode);
    }

    [Fact]
    public async Task The_second_start_prints_no_secret_and_changes_nothing()
    {
        await using (var first = EdgeProcess.Start(_directory, AnyPort))
        {
            await first.ListeningAsync();
            Assert.Equal(0, await first.StopAsync());
        }

        var key = File.ReadAllBytes(Path.Combine(Data, "master.key"));
        var rows = Rows();
        await using var second = EdgeProcess.Start(_directory, AnyPort);
        await second.ListeningAsync();
        Assert.Equal(0, await second.StopAsync());

        Assert.DoesNotMatch("cadm_|csk_|curl|shown once", second.Output);
        Assert.Equal(key, File.ReadAllBytes(Path.Combine(Data, "master.key")));
        Assert.NotEmpty(rows);
        Assert.Equal(rows, Rows());
    }

    [Fact]
    public async Task SIGTERM_stops_the_edge_cleanly_and_writes_last_use_times_of_keys()
    {
        await using var edge = EdgeProcess.Start(_directory, AnyPort);
        await edge.ListeningAsync();
        await Eventually.IsTrueAsync(() => Curl().IsMatch(edge.Output));
        await ShellAsync(Curl().Match(edge.Output).Value);
        Assert.DoesNotContain(Rows(), row => row.StartsWith("used ", StringComparison.Ordinal));

        Assert.Equal(0, await edge.StopAsync());
        Assert.Single(Rows(), row => row.StartsWith("used ", StringComparison.Ordinal));
        Assert.Equal("", edge.Errors);
    }

    [Fact]
    public async Task The_health_command_checks_whether_an_edge_responds()
    {
        await using var edge = EdgeProcess.Start(_directory, AnyPort);
        var address = await edge.ListeningAsync();

        // The edge has three seconds to respond, and one for its database. On a busy machine that may be too short at first.
        await Eventually.IsTrueAsync(async () =>
        {
            await using var up = EdgeProcess.Start(_directory, "health", $"--urls={address}");
            return await up.EndedAsync() == 0;
        });

        await edge.StopAsync();
        await using var down = EdgeProcess.Start(_directory, "health", $"--urls={address}");
        Assert.Equal(1, await down.EndedAsync());
        Assert.Single(down.Errors.Split('\n'));
    }

    [Theory]
    [InlineData("--urls=nonsense")]
    [InlineData("--urls=")]
    public async Task The_health_command_reports_a_bad_address_in_one_line(string urls)
    {
        await using var health = EdgeProcess.Start(_directory, "health", urls, "--http_ports=1");

        Assert.Equal(1, await health.EndedAsync());
        Assert.Single(health.Errors.Split('\n'));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_directory);
    }

    private List<string> Rows()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "edge.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT 'project ' || "Id" || "Name" || "CreatedAt" FROM projects
            UNION ALL SELECT 'key ' || "Id" || hex("Hash") || "CreatedAt" FROM api_keys
            UNION ALL SELECT 'used ' || "LastUsedAt" FROM api_keys WHERE "LastUsedAt" IS NOT NULL
            UNION ALL SELECT 'setting ' || "Name" || "Value" FROM settings
            UNION ALL SELECT 'migration ' || "MigrationId" FROM "__EFMigrationsHistory"
            """;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static async Task<string> ShellAsync(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", line + " --silent --show-error --fail"]) { RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
        return output;
    }

    [GeneratedRegex("^curl .*$", RegexOptions.Multiline)]
    private static partial Regex Curl();
}
