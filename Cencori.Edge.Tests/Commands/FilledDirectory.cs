using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Commands;

/// <summary>A data directory with objects of each kind and records in its spool. No edge runs there.</summary>
public sealed class FilledDirectory : IAsyncLifetime
{
    /// <summary>Number of records, including those in the spool.</summary>
    public const int Records = Answered + Spooled;

    private const int Answered = 6;
    private const int Spooled = 2;

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-filled-").FullName;

    // Responses of the administration have sums of the current month, so it may not end before they are compared.
    private readonly MidMonthClock _clock = new();

    private string _project = "";

    public ScriptedProvider Provider { get; } = new();

    /// <summary>A key of a project with a credential for <c>openai</c>.</summary>
    public string Key { get; private set; } = "";

    /// <summary>The result of <see cref="ReadResponsesAsync"/> for an edge on a copy of this directory.</summary>
    public string Responses { get; private set; } = "";

    /// <summary>Gives an edge the clock of the edge that filled the directory.</summary>
    public void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(_clock);

    /// <summary>A copy of the directory for one test, which must delete it.</summary>
    public string Copy()
    {
        var copy = Directory.CreateTempSubdirectory("edge-move-").FullName;
        foreach (var file in Directory.GetFiles(_directory, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(_directory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    public async Task InitializeAsync()
    {
        Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        await using (var edge = await StartAsync(_directory))
        {
            var project = _project = await edge.CreateProjectAsync("openai");
            await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = RunningEdge.ProviderKey, name = "Zweiter", rank = 9, weight = 1_000, models = new[] { "gpt-4o", "x'\"\\ü" }, enabled = false });
            Key = await edge.CreateKeyAsync(project, more: new { allowed_models = new[] { "gpt-4o", "x'\"\\ü" }, allowed_cidrs = new[] { "127.0.0.0/8", "::1" } });
            await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/networking", new { access_mode = "restricted", allowed_cidrs = new[] { "127.0.0.1" } });
            await edge.CreateKeyAsync(project, "publishable", more: new { allowed_domains = new[] { "example.com" } });
            await edge.CreateAgentKeyAsync(project, new { model = "gpt-4o", temperature = 0.25, tools = new[] { "search" } });
            await edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = true, model_aliases = new { fast = "gpt-4o" } });
            await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 12.345678m, enforce = true, alerts = new[] { 50, 100 } });
            await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 2.5, output = 10 } } });
            await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/prompts", new { name = "greeting", content = "Hello {{name}}" });
            for (var sent = 0; sent < Answered; sent++)
            {
                using var edgeResponse = await edge.PostAsync(Key, "/v1/chat/completions", ScriptedEdge.Chat);
                Assert.Equal(200, (int)edgeResponse.StatusCode);
            }

            await Eventually.IsTrueAsync(async () => (await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray().Count == Answered);
        }

        SqliteConnection.ClearAllPools();
        using (var spool = new RecordSpool(Path.Combine(_directory, "spool"), writerId: 42, long.MaxValue))
        {
            spool.TryAppend([.. Enumerable.Range(1, Spooled).Select(number => new PendingRecord(Some.Record(_project, at: _clock.GetUtcNow(), id: $"spooled {number}"), number, HasRow: true))]);
        }

        // Tests compare an edge whose data has been moved with this edge, whose data has not been moved.
        var copy = Copy();
        await using (var edge = await StartAsync(copy))
        {
            await Eventually.IsTrueAsync(() => !Directory.EnumerateFiles(Path.Combine(copy, "spool")).Any());
            Responses = await ReadResponsesAsync(edge);
        }

        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(copy);
    }

    /// <summary>Reads everything from the administration API.</summary>
    public static async Task<string> ReadResponsesAsync(RunningEdge edge)
    {
        var responses = new List<string>();
        var projects = (await edge.SendAdminAsync(HttpMethod.Get, "/api/projects"))["projects"]!;
        responses.Add(projects.ToJsonString());
        foreach (var project in projects.AsArray().Select(project => (string)project!["id"]!))
        {
            foreach (var part in new[] { "api-keys", "provider-keys", "rate-limits", "networking", "budget", "prices", "agents", "prompts", "logs?limit=200", "verify" })
            {
                responses.Add($"{part} {(await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/{part}")).ToJsonString()}");
            }
        }

        Assert.True((bool)(await edge.SendAdminAsync(HttpMethod.Get, "/api/audit/verify"))["valid"]!);
        return string.Join('\n', responses);
    }

    public async Task DisposeAsync()
    {
        await Provider.DisposeAsync();
        RunDirectory.Delete(_directory);
    }

    private async Task<RunningEdge> StartAsync(string directory) => await RunningEdge.StartAsync(
        [RunningEdge.Destination("openai", Provider.Address), RunningEdge.LoopbackIsOpen, $"Secrets:MasterKey={PostgresDatabase.MasterKey}"], Configure, directory);
}
