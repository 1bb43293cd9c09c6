using System.Text.Json.Nodes;
using Cencori.Edge.Keys;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Storage;

/// <summary>Two edges on one PostgreSQL database.</summary>
public sealed class PostgresEdgeTests(PostgresEdgeTests.TwoEdges fixture) : IClassFixture<PostgresEdgeTests.TwoEdges>
{
    private static readonly string[] NoModel = [];

    private readonly RunningEdge _edge = fixture.First;

    [PostgresFact]
    public async Task A_project_keeps_its_settings_limits_and_credentials()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var path = "/api/projects/" + project;
        await _edge.SendAdminAsync(HttpMethod.Patch, path, new { name = "Zwölf", default_model = "gpt-4o", model_aliases = new Dictionary<string, string> { ["fast"] = "gpt-4o-mini" } });
        await _edge.SetLimitsAsync(project, new { requests_per_minute = 7, concurrent_requests = 3 });

        var read = (await fixture.Second.SendAdminAsync(HttpMethod.Get, path))["project"]!;
        Assert.Equal(("Zwölf", "gpt-4o", """{"fast":"gpt-4o-mini"}"""), ((string?)read["name"], (string?)read["default_model"], read["model_aliases"]!.ToJsonString()));
        Assert.Equal(
            """{"requests_per_minute":7,"burst":7,"tokens_per_minute":null,"concurrent_requests":3}""",
            (await fixture.Second.SendAdminAsync(HttpMethod.Get, path + "/rate-limits")).ToJsonString());
        var credential = Assert.Single((await fixture.Second.SendAdminAsync(HttpMethod.Get, path + "/provider-keys"))["providers"]!.AsArray())!;
        Assert.Equal("..." + RunningEdge.ProviderKey[^4..], (string?)credential["keyHint"]);
    }

    [PostgresFact]
    public async Task A_key_keeps_its_lists_and_an_empty_list_differs_from_null()
    {
        var path = $"/api/projects/{await _edge.CreateProjectAsync()}/api-keys";
        var created = await CreateAsync(path, """{"name":"web","key_type":"publishable","environment":"test","allowed_domains":["a.example","*.b.example"],"allowed_models":["gpt-*","o'3, \"x\""],"expires_at":"2999-01-01T00:00:00Z"}""");
        Assert.Equal("""["a.example","*.b.example"]""", created["allowed_domains"]!.ToJsonString());
        Assert.Equal(["gpt-*", "o'3, \"x\""], created["allowed_models"]!.AsArray().Select(model => (string?)model));

        var id = (string?)created["id"];
        await _edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { allowed_models = NoModel });
        Assert.Equal("[]", (await ReadAsync(path))["allowed_models"]!.ToJsonString());
        await _edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { allowed_models = (object?)null });
        var read = await ReadAsync(path);
        Assert.Null(read["allowed_models"]);
        Assert.Equal("2999-01-01T00:00:00+00:00", (string?)read["expires_at"]);
    }

    [PostgresFact]
    public async Task A_key_created_on_one_edge_works_on_the_other_until_it_is_revoked_or_its_project_deleted()
    {
        var project = await _edge.CreateProjectAsync();
        var (revoked, orphaned) = (await _edge.CreateKeyAsync(project, environment: "test"), await _edge.CreateKeyAsync(project, environment: "test"));
        Assert.Equal(200, await StatusAsync(fixture.Second, revoked));
        Assert.Equal(200, await StatusAsync(_edge, orphaned));

        var keys = (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]!.AsArray();
        var first = keys.Single(key => (string?)key!["last_four"] == revoked[^4..])!;
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/api-keys/{first["id"]}", new { revoked = true });
        Assert.Equal(401, await StatusAsync(_edge, revoked, expected: 401));
        await _edge.SendAdminAsync(HttpMethod.Delete, "/api/projects/" + project);
        Assert.Equal(401, await StatusAsync(_edge, orphaned, expected: 401));
        Assert.Equal(0L, await fixture.Database.QueryAsync($"""SELECT count(*) FROM api_keys WHERE "ProjectId" = '{project}'"""));
    }

    [PostgresFact]
    public async Task A_rotated_key_is_replaced_by_its_successor()
    {
        var project = await _edge.CreateProjectAsync();
        var path = $"/api/projects/{project}/api-keys";
        var old = await CreateAsync(path, """{"name":"k","key_type":"secret","environment":"test"}""");
        var rotated = (await _edge.SendAdminAsync(HttpMethod.Post, $"{path}/{old["id"]}/rotate", new { grace_period_hours = 0 }))["apiKey"]!;

        Assert.Equal(401, await StatusAsync(_edge, (string)old["full_key"]!, expected: 401));
        Assert.Equal(200, await StatusAsync(_edge, (string)rotated["full_key"]!));
        Assert.Equal(200, await StatusAsync(fixture.Second, (string)rotated["full_key"]!));
    }

    [PostgresFact]
    public async Task Concurrent_projects_with_one_name_get_different_slugs_and_concurrent_credentials_become_one()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
            (number % 2 == 0 ? _edge : fixture.Second).SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "Same Name" })));
        Assert.Equal(8, created.Select(project => (string?)project["project"]!["slug"]).Distinct().Count());

        var path = (string)created[0]["project"]!["id"]!;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => (number % 2 == 0 ? _edge : fixture.Second).StoreProviderKeyAsync(path, "openai")));
        Assert.Single((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{path}/provider-keys"))["providers"]!.AsArray());
    }

    [PostgresFact]
    public async Task Both_edges_write_the_last_use_of_keys_concurrently()
    {
        var project = await _edge.CreateProjectAsync();
        var keys = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _edge.CreateKeyAsync(project, environment: "test")));
        RunningEdge[] edges = [_edge, fixture.Second];
        foreach (var key in keys)
        {
            Assert.All(await Task.WhenAll(edges.Select(edge => StatusAsync(edge, key))), status => Assert.Equal(200, status));
        }

        await Task.WhenAll(edges.Select(edge => edge.Services.GetRequiredService<LastUsedWriter>().FlushAsync()));

        var listed = (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]!.AsArray();
        Assert.All(listed, key => Assert.NotNull(key!["last_used_at"]));
    }

    [PostgresTheory]
    [InlineData("api-keys", """{"name":"a","key_type":"agent","environment":"production","agent_id":"a\u0000b"}""")]
    [InlineData("provider-keys", """{"provider":"openai","apiKey":"sk-0123456789","baseUrl":"http://a.example/\u0000"}""")]
    public async Task Text_that_the_database_cannot_store_is_an_invalid_request(string list, string body)
    {
        using var response = await _edge.Admin.PostAsync($"/api/projects/{await _edge.CreateProjectAsync()}/{list}", RunningEdge.Json(body));

        Assert.Equal("INVALID_REQUEST", (await response.ErrorAsync()).Code);
    }

    private async Task<JsonNode> CreateAsync(string path, string body) => (await _edge.SendAdminAsync(HttpMethod.Post, path, body))["apiKey"]!;

    private async Task<JsonNode> ReadAsync(string path) => Assert.Single((await fixture.Second.SendAdminAsync(HttpMethod.Get, path))["apiKeys"]!.AsArray())!;

    // A 200 may come late. Any other status must remain.
    private static async Task<int> StatusAsync(RunningEdge edge, string key, int expected = 200)
    {
        using var limit = new CancellationTokenSource(expected == 200 ? Eventually.Timeout : TimeSpan.FromSeconds(2), TimeProvider.System);
        while (true)
        {
            using var response = await edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
            if ((int)response.StatusCode == 200 || limit.IsCancellationRequested)
            {
                return (int)response.StatusCode;
            }

            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(50), "An edge looks up unknown keys only at intervals.");
        }
    }

    public sealed class TwoEdges : IAsyncLifetime
    {
        public PostgresDatabase Database { get; } = new();

        public RunningEdge First { get; private set; } = null!;

        public RunningEdge Second { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            // xUnit creates the fixture even if all tests of the class are skipped.
            if (PostgresServer.Missing is null)
            {
                await Database.InitializeAsync();
                First = await RunningEdge.StartAsync(Database.Settings);
                Second = await RunningEdge.StartAsync(Database.Settings);
            }
        }

        public async Task DisposeAsync()
        {
            if (PostgresServer.Missing is null)
            {
                await First.DisposeAsync();
                await Second.DisposeAsync();
                await Database.DisposeAsync();
            }
        }
    }
}
