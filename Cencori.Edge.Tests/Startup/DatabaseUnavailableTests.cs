using System.Text.RegularExpressions;
using Cencori.Edge.Keys;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cencori.Edge.Tests.Startup;

/// <summary>A PostgreSQL that is unavailable at the start or later, or hangs. Field trap 22.</summary>
[Trait(SlowestTests.Trait, "A database server starts and stops, with the edge's normal timeouts.")]
public sealed partial class DatabaseUnavailableTests
{
    // Slightly longer than one connection attempt or one command may take.
    private static readonly TimeSpan LongestResponse = TimeSpan.FromSeconds(15);

    [OwnPostgresFact]
    public async Task A_database_unavailable_at_the_start_is_prepared_when_it_comes_up()
    {
        await using var server = await OwnPostgres.StartAsync();
        await server.StopAsync();
        await using var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(server.ConnectionString));
        await AssertUnavailableAsync(edge, ProjectKey.Generate("csk_"));
        Assert.Equal(401, await StatusAsync(edge, "csk_malformed"));
        Assert.False(edge.Preparing.IsCompleted);

        await server.StartAgainAsync();
        await edge.Preparing.WaitAsync(Eventually.Timeout, TimeProvider.System);
        Assert.Equal(200, await StatusAsync(edge, edge.Welcome.TestKey!));
        Assert.Equal(401, await StatusAsync(edge, ProjectKey.Generate("csk_")));
        await edge.CreateProjectAsync("openai");
        var lines = edge.Logs.Lines.Where(line => line.Category.EndsWith("DatabaseStartup", StringComparison.Ordinal)).ToList();
        Assert.Equal([(LogLevel.Warning, "StartingWithoutDatabase"), (LogLevel.Information, "PreparedLate")], lines.Select(line => (line.Level, line.EventName)));
        Assert.DoesNotContain(edge.Logs.Lines, line => line.Text.Contains("recognisable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_host_name_may_resolve_later()
    {
        await using var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf("Host=no-such-host.invalid;Database=edge;Password=recognisable"));

        await AssertUnavailableAsync(edge, ProjectKey.Generate("csk_"));
        Assert.DoesNotContain(edge.Logs.Lines, line => line.Text.Contains("recognisable", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_server_that_refuses_connections_for_now_counts_as_unavailable()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var role = "edge_" + Guid.NewGuid().ToString("N");
        await database.QueryAsync($"CREATE ROLE {role} LOGIN PASSWORD '{OwnPostgres.Password}' CONNECTION LIMIT 0; GRANT CREATE ON SCHEMA public TO {role}");
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = OwnPostgres.Password, MaxPoolSize = 1 }.ConnectionString;
        await using (var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(settings)))
        {
            await AssertUnavailableAsync(edge, ProjectKey.Generate("csk_"));
            await database.QueryAsync($"ALTER ROLE {role} CONNECTION LIMIT -1");
            await edge.Preparing.WaitAsync(Eventually.Timeout, TimeProvider.System);
            Assert.Equal(200, await StatusAsync(edge, edge.Welcome.TestKey!));
        }

        await database.QueryAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [OwnPostgresFact]
    public async Task Secrets_are_printed_once_when_the_database_comes_up()
    {
        await using var server = await OwnPostgres.StartAsync();
        await server.StopAsync();
        var directory = Directory.CreateTempSubdirectory("edge-process-");
        await using (var edge = EdgeProcess.Start(directory.FullName, ["--urls=http://127.0.0.1:0", .. PostgresDatabase.SettingsOf(server.ConnectionString).Select(setting => "--" + setting)]))
        {
            var address = await edge.ListeningAsync();
            Assert.DoesNotMatch("cadm_|csk_", edge.Output);
            await server.StartAgainAsync();
            await Eventually.IsTrueAsync(() => Secrets().Count(edge.Output) == 2);

            using var http = new HttpClient { BaseAddress = address };
            http.DefaultRequestHeaders.Authorization = new("Bearer", Secrets().Match(edge.Output).Groups[1].Value);
            Assert.Equal(200, (int)(await http.GetAsync("/api/projects")).StatusCode);
            Assert.Equal(0, await edge.StopAsync());
            Assert.DoesNotContain("recognisable", edge.Output + edge.Errors, StringComparison.Ordinal);
            Assert.Equal("", edge.Errors);
        }

        RunDirectory.Delete(directory.FullName);
    }

    [OwnPostgresFact]
    public async Task An_edge_that_waits_for_its_database_can_be_stopped()
    {
        await using var server = await OwnPostgres.StartAsync();
        await server.StopAsync();
        var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(server.ConnectionString));
        await edge.DisposeAsync().AsTask().WaitAsync(Eventually.Timeout, TimeProvider.System);

        Assert.Null(await edge.Preparing);
    }

    [OwnPostgresFact]
    public async Task A_late_database_fault_is_logged_once_and_fixed_without_a_restart()
    {
        await using var server = await OwnPostgres.StartAsync();
        await server.StopAsync();
        var settings = server.ConnectionString.Replace("Database=postgres", "Database=edge", StringComparison.Ordinal);
        await using var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(settings));
        await server.StartAgainAsync();
        await Eventually.IsTrueAsync(() => edge.Logs.Lines.Any(line => line.Level == LogLevel.Error));
        await AssertUnavailableAsync(edge, ProjectKey.Generate("csk_"));

        await PostgresServer.QueryAsync(server.ConnectionString, "CREATE DATABASE edge");
        await edge.Preparing.WaitAsync(Eventually.Timeout, TimeProvider.System);
        Assert.Equal(200, await StatusAsync(edge, edge.Welcome.TestKey!));
        var reported = Assert.Single(edge.Logs.Lines, line => line.Level == LogLevel.Error);
        Assert.Contains("Storage:ConnectionString: the database 'edge' on '127.0.0.1' does not exist", reported.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("recognisable", reported.Text, StringComparison.Ordinal);
    }

    [OwnPostgresFact]
    public async Task When_the_database_goes_down_cached_keys_work_and_others_are_refused()
    {
        await using var server = await OwnPostgres.StartAsync();
        await using var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(server.ConnectionString));
        var project = await edge.CreateProjectAsync();
        var (known, cold) = (await edge.CreateKeyAsync(project, environment: "test"), await edge.CreateKeyAsync(project, environment: "test"));
        Assert.Equal(200, await StatusAsync(edge, known));

        await server.StopAsync();
        await AssertServesOnlyAsync(edge, known, cold);

        await server.StartAgainAsync();
        await Eventually.IsTrueAsync(async () => await StatusAsync(edge, cold) == 200);
        await Eventually.IsTrueAsync(async () => await StatusAsync(edge, ProjectKey.Generate("csk_")) == 401);
        await edge.CreateProjectAsync();
    }

    [OwnPostgresFact]
    public async Task A_hanging_server_does_not_hold_requests_for_long()
    {
        await using var server = await OwnPostgres.StartAsync();
        await using var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(server.ConnectionString));
        var project = await edge.CreateProjectAsync();
        var (known, cold) = (await edge.CreateKeyAsync(project, environment: "test"), await edge.CreateKeyAsync(project, environment: "test"));
        Assert.Equal(200, await StatusAsync(edge, known));

        server.Pause();
        try
        {
            await AssertServesOnlyAsync(edge, known, cold);
        }
        finally
        {
            server.Resume();
        }

        await Eventually.IsTrueAsync(async () => await StatusAsync(edge, cold) == 200);
        await edge.CreateProjectAsync();
    }

    private static async Task AssertServesOnlyAsync(RunningEdge edge, string known, string cold)
    {
        await RealTime.PassesAsync(KnownKeyFilter.RefreshInterval, "The edge looks up unknown keys at most once in this interval. An earlier successful look-up must not hide a failure.");
        Assert.Equal(200, await StatusAsync(edge, known));
        await Task.WhenAll(AssertUnavailableAsync(edge, cold), AssertUnavailableAsync(edge, ProjectKey.Generate("csk_"))).WaitAsync(LongestResponse, TimeProvider.System);
        Assert.Equal(200, await StatusAsync(edge, known));
    }

    /// <summary>Both this project key and the administrator get 503, and neither gets 401.</summary>
    private static async Task AssertUnavailableAsync(RunningEdge edge, string key)
    {
        foreach (var sending in (Task<HttpResponseMessage>[])[edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o"), edge.Admin.GetAsync("/api/projects")])
        {
            var error = await sending.ErrorAsync();
            Assert.Equal((503, "INTERNAL_ERROR"), (error.Status, error.Code));
            Assert.Equal("1", error.Header("Retry-After"));
            Assert.Null(error.Header("x-should-retry"));
        }
    }

    private static async Task<int> StatusAsync(RunningEdge edge, string key)
    {
        using var response = await edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
        return (int)response.StatusCode;
    }

    [GeneratedRegex(@"shown once\): +(\S+)")]
    private static partial Regex Secrets();
}
