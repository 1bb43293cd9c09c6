using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin.Concurrency;

/// <summary>Concurrent changes, at one edge and at two edges on the same database.</summary>
public sealed class ParallelChangesTests(EdgePairs pairs) : IClassFixture<EdgePairs>
{
    private const string NewKey = """{"name":"k","key_type":"secret","environment":"test"}""";

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Of_concurrent_rotations_of_a_key_one_succeeds_and_the_others_name_the_successor(string system)
    {
        foreach (var grace in (int[])[24, 0])
        {
            var keys = $"/api/projects/{await pairs.On(system)[0].CreateProjectAsync()}/api-keys";
            var old = (string?)(await CreateAsync(system, keys, NewKey))["apiKey"]!["id"];
            await pairs.On(system)[0].SendAdminAsync(HttpMethod.Put, $"{keys}/{old}/budget", new { monthly_budget_usd = 3 });
            var responses = await AtOnceAsync(system, 10, HttpMethod.Post, _ => $"{keys}/{old}/rotate", _ => $$"""{"grace_period_hours":{{grace}}}""");

            var successor = (string?)(await ReadAsync(Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Created)))["apiKey"]!["id"];
            foreach (var loser in responses.Where(response => response.StatusCode != HttpStatusCode.Created))
            {
                var refusal = await loser.ErrorAsync();
                Assert.Equal((409, "CONFLICT", "false"), (refusal.Status, refusal.Code, refusal.Header("x-should-retry")));
                Assert.Contains(successor!, refusal.Message, StringComparison.Ordinal);
            }

            var listed = (await pairs.On(system)[0].SendAdminAsync(HttpMethod.Get, keys))["apiKeys"]!.AsArray();
            Assert.Equal([(old, successor), (successor, null)], listed.Select(key => ((string?)key!["id"], (string?)key["replaced_by"])));
        }
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_key_that_is_created_while_its_project_is_deleted_does_not_work(string system)
    {
        var edges = pairs.On(system);
        for (var round = 0; round < 3; round++)
        {
            var project = "/api/projects/" + await edges[0].CreateProjectAsync();
            var responses = await AtOnceAsync(system, 8, number => number == 3 ? HttpMethod.Delete : HttpMethod.Post, number => number == 3 ? project : project + "/api-keys", number => number == 3 ? null : NewKey);

            Assert.Equal(HttpStatusCode.NoContent, responses[3].StatusCode);
            Assert.All(responses.Where((_, number) => number != 3), response => Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.NotFound]));
            foreach (var created in responses.Where(response => response.StatusCode == HttpStatusCode.Created))
            {
                var key = (string?)(await ReadAsync(created))["apiKey"]!["full_key"];
                foreach (var edge in edges)
                {
                    using var response = await edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
                    Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
                }
            }
        }
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_project_is_deleted_once(string system)
    {
        var project = "/api/projects/" + await pairs.On(system)[0].CreateProjectAsync();
        var responses = await AtOnceAsync(system, 6, HttpMethod.Delete, _ => project, _ => null);

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(5, responses.Count(response => response.StatusCode == HttpStatusCode.NotFound));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Concurrent_replacements_are_not_mixed(string system)
    {
        var project = "/api/projects/" + await pairs.On(system)[0].CreateProjectAsync();
        string[] limits = ["""{"requests_per_minute":1,"tokens_per_minute":null,"concurrent_requests":null}""", """{"requests_per_minute":null,"tokens_per_minute":2,"concurrent_requests":null}""", """{"requests_per_minute":null,"tokens_per_minute":null,"concurrent_requests":3}"""];
        string[] budgets = ["""{"monthly_budget_usd":1,"enforce":false}""", """{"monthly_budget_usd":2,"alerts":[7]}""", """{"monthly_budget_usd":null}"""];
        foreach (var (what, bodies) in (IEnumerable<(string, string[])>)[("rate-limits", limits), ("budget", budgets)])
        {
            var responses = await AtOnceAsync(system, 9, HttpMethod.Put, _ => $"{project}/{what}", number => bodies[number % 3]);
            Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));

            var stored = await pairs.On(system)[1].SendAdminAsync(HttpMethod.Get, $"{project}/{what}");
            var written = await Task.WhenAll(responses.Select(ReadAsync));
            Assert.Contains(written, response => JsonNode.DeepEquals(response, stored));
        }
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Changes_of_different_members_are_all_kept(string system)
    {
        var project = "/api/projects/" + await pairs.On(system)[0].CreateProjectAsync();
        string[] changes = ["""{"name":"new"}""", """{"default_model":"m"}""", """{"default_provider":"groq"}""", """{"log_payloads":true}""", """{"model_aliases":{"a":"b"}}"""];
        var responses = await AtOnceAsync(system, changes.Length, HttpMethod.Patch, _ => project, number => changes[number]);

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        var stored = (await pairs.On(system)[0].SendAdminAsync(HttpMethod.Get, project))["project"]!;
        Assert.Equal("""new m groq True {"a":"b"}""", $"{stored["name"]} {stored["default_model"]} {stored["default_provider"]} {(bool)stored["log_payloads"]!} {stored["model_aliases"]!.ToJsonString()}");
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Of_changes_that_expect_the_same_state_one_succeeds(string system)
    {
        var project = "/api/projects/" + await pairs.On(system)[0].CreateProjectAsync();
        using var read = await pairs.On(system)[0].Admin.GetAsync(project);
        var responses = await AtOnceAsync(system, 8, HttpMethod.Patch, _ => project, number => $$"""{"name":"n{{number}}"}""", read.Header("ETag"));

        var winner = Assert.Single(responses, response => response.StatusCode == HttpStatusCode.OK);
        foreach (var loser in responses.Where(response => response != winner))
        {
            var refusal = await loser.ErrorAsync();
            Assert.Equal((412, "CONFLICT", "If-Match"), (refusal.Status, refusal.Code, refusal.Param));
        }

        Assert.True(JsonNode.DeepEquals(await ReadAsync(winner), await pairs.On(system)[1].SendAdminAsync(HttpMethod.Get, project)));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Projects_with_the_same_name_get_different_slugs(string system)
    {
        var responses = await AtOnceAsync(system, 12, HttpMethod.Post, _ => "/api/projects", _ => """{"name":"Same Name"}""");

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.Created, response.StatusCode));
        Assert.Equal(12, (await Task.WhenAll(responses.Select(ReadAsync))).Select(project => (string?)project["project"]!["slug"]).Distinct().Count());
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    private async Task<JsonNode> CreateAsync(string system, string path, string body) => await pairs.On(system)[0].SendAdminAsync(HttpMethod.Post, path, body);

    private Task<HttpResponseMessage[]> AtOnceAsync(string system, int count, HttpMethod method, Func<int, string> path, Func<int, string?> body, string? ifMatch = null) =>
        AtOnceAsync(system, count, _ => method, path, body, ifMatch);

    private Task<HttpResponseMessage[]> AtOnceAsync(
        string system, int count, Func<int, HttpMethod> method, Func<int, string> path, Func<int, string?> body, string? ifMatch = null) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(number =>
        {
            var request = new HttpRequestMessage(method(number), path(number)) { Content = body(number) is { } text ? RunningEdge.Json(text) : null };
            if (ifMatch is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            }

            return pairs.On(system)[number % 2].Admin.SendAsync(request);
        }));
}
