using System.Data.Common;
using System.Globalization;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>A working directory and a database for edges that run as separate processes. Both survive the processes.</summary>
internal sealed class EdgePlace : IAsyncDisposable
{
    private const string AdminToken = "a-token-that-only-tests-know";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;
    private readonly PostgresDatabase? _database;
    private readonly string? _postgres;

    private EdgePlace(PostgresDatabase? database, string? postgres)
    {
        _database = database;
        _postgres = postgres;
    }

    /// <param name="system">See <see cref="DatabaseEdge"/>.</param>
    public static async Task<EdgePlace> CreateAsync(string system)
    {
        var database = system == DatabaseEdge.Postgres ? await PostgresDatabase.CreateMigratedAsync() : null;
        return new EdgePlace(database, database?.ConnectionString);
    }

    public static EdgePlace On(OwnPostgres server) => new(null, server.ConnectionString);

    /// <summary>Starts an edge, and returns when it listens.</summary>
    /// <param name="urls">Where it listens.</param>
    /// <param name="redis">The Redis, for edges that run at the same time.</param>
    public async Task<EdgeProcess> StartAsync(string urls = "http://127.0.0.1:0", string? redis = null)
    {
        string[] settings = [.. _postgres is null ? [] : PostgresDatabase.SettingsOf(_postgres), .. redis is null ? Array.Empty<string>() : [$"Redis:Configuration={redis}", "RateLimiting:RedisTimeout=00:00:05"]];
        if (_postgres is null)
        {
            await MigratedDatabase.PrepareAsync(_directory);
        }

        var edge = EdgeProcess.Start(_directory, [$"--urls={urls}", $"--Admin:Token={AdminToken}", .. settings.Select(setting => "--" + setting)]);
        await edge.ListeningAsync();
        return edge;
    }

    /// <summary>The key that the first start has printed. Its project gets no limits, but prices and a budget.</summary>
    /// <param name="first">The first start.</param>
    /// <param name="hasBudget">False if several edges serve requests: without Redis each edge counts on its own.</param>
    public static async Task<string> UnlimitedKeyAsync(EdgeProcess first, bool hasBudget = true)
    {
        using var admin = await AdministerAsync(first);
        var path = $"/api/projects/{await ProjectAsync(admin)}";
        using var limits = await admin.PutAsync(
            $"{path}/rate-limits",
            RunningEdge.Json(new { requests_per_minute = (int?)null, tokens_per_minute = (int?)null, concurrent_requests = (int?)null }));
        limits.EnsureSuccessStatusCode();
        using var prices = await admin.PutAsync($"{path}/prices", RunningEdge.Json(new { prices = new[] { new { provider = "sandbox", model = "*", input = 2, output = 8 } } }));
        prices.EnsureSuccessStatusCode();
        if (hasBudget)
        {
            using var budget = await admin.PutAsync($"{path}/budget", RunningEdge.Json(new { monthly_budget_usd = 100_000 }));
            budget.EnsureSuccessStatusCode();
        }

        return await first.TestKeyAsync();
    }

    /// <summary>Checks on each edge that all counters of the project's money agree. Call this when no request is running.</summary>
    public static async Task AssertLedgerClosesAsync(params IEnumerable<EdgeProcess> edges)
    {
        foreach (var edge in edges)
        {
            using var admin = await AdministerAsync(edge);
            await admin.AssertLedgerClosesAsync(await ProjectAsync(admin));
        }
    }

    /// <summary>Makes each insert of records into PostgreSQL take more than a second. Does nothing on SQLite.</summary>
    public async Task SlowDownAsync()
    {
        if (_database is not null)
        {
            await _database.QueryAsync(
                """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1.2); RETURN NULL; END $$;
                CREATE TRIGGER slow BEFORE INSERT ON request_records EXECUTE FUNCTION slow();
                """);
        }
    }

    /// <summary>Waits until all of <paramref name="due"/> are recorded and no spool has a file. Checks that each request is recorded once and counted in the sums.</summary>
    public async Task AssertRecordedAsync(IReadOnlyCollection<string> due)
    {
        var spool = Path.Combine(_directory, "data", "spool");
        var recorded = new List<string>();
        await Eventually.IsTrueAsync(async () =>
        {
            recorded = await ReadAsync("""SELECT "RequestId" FROM request_records""");
            return !due.Except(recorded).Any() && (!Directory.Exists(spool) || Directory.GetFiles(spool).Length == 0);
        });
        Assert.Equal(recorded.Distinct().Count(), recorded.Count);
        Assert.Equal([$"{recorded.Count}"], await ReadAsync("""SELECT SUM("Requests") FROM usage_rollups"""));
    }

    public async ValueTask DisposeAsync()
    {
        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);
        RunDirectory.Delete(_directory);
    }

    private static async Task<HttpClient> AdministerAsync(EdgeProcess edge)
    {
        var admin = new HttpClient { BaseAddress = await edge.ListeningAsync() };
        admin.DefaultRequestHeaders.Authorization = new("Bearer", AdminToken);
        return admin;
    }

    private static async Task<string> ProjectAsync(HttpClient admin) =>
        (string)System.Text.Json.Nodes.JsonNode.Parse(await admin.GetStringAsync("/api/projects"))!["projects"]![0]!["id"]!;

    private async Task<List<string>> ReadAsync(string sql)
    {
        await using DbConnection connection = _postgres is null
            ? new SqliteConnection($"Data Source={Path.Combine(_directory, "data", "edge.db")};Pooling=False")
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_postgres) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
        {
            values.Add(reader.GetValue(0) is byte[] requestId ? PackedRequestId.Unpack(requestId) : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return values;
    }
}
