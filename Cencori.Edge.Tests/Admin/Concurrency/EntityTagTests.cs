using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin.Concurrency;

/// <summary><c>ETag</c> and <c>If-Match</c> of all objects that can be changed or replaced.</summary>
public sealed class EntityTagTests(EdgePairs pairs) : IClassFixture<EdgePairs>
{
    private const string Hook = ""","webhook_url":"https://example.com/hook","webhook_secret":"recognisable-secret-""";

    [Theory]
    [InlineData(DatabaseEdge.Sqlite, "PATCH", "", """{"name":"a","model_aliases":{"b":"1","a":"2"}}""", """{"log_payloads":true}""")]
    [InlineData(DatabaseEdge.Sqlite, "PUT", "/rate-limits", """{"requests_per_minute":1,"tokens_per_minute":null,"concurrent_requests":null}""", """{"requests_per_minute":1,"burst":2,"tokens_per_minute":null,"concurrent_requests":null}""")]
    [InlineData(DatabaseEdge.Sqlite, "PUT", "/networking", """{"access_mode":"public","allowed_cidrs":["10.0.0.0/8","203.0.113.7"]}""", """{"access_mode":"restricted","allowed_cidrs":["10.0.0.0/8"]}""")]
    [InlineData(DatabaseEdge.Sqlite, "PATCH", "/api-keys/K", """{"allowed_cidrs":["::ffff:10.0.0.0/104"]}""", """{"allowed_cidrs":null}""")]
    [InlineData(DatabaseEdge.Sqlite, "PUT", "/prices", """{"prices":[{"provider":"openai","model":"m","input":1.50,"output":1}]}""", """{"prices":[]}""")]
    [InlineData(DatabaseEdge.Sqlite, "PUT", "/budget", """{"monthly_budget_usd":12.500""" + Hook + "1\"}", """{"monthly_budget_usd":12.5""" + Hook + "2\"}")]
    [InlineData(DatabaseEdge.Sqlite, "PUT", "/api-keys/K/budget", """{"monthly_budget_usd":1}""", """{"monthly_budget_usd":1,"enforce":false}""")]
    [InlineData(DatabaseEdge.Sqlite, "PATCH", "/api-keys/K", """{"expires_at":"2999-01-01T01:00:00.1234567+01:00"}""", """{"revoked":true}""")]
    public async Task An_ETag_stays_the_same_until_the_state_changes(string system, string method, string what, string change, string next)
    {
        var edges = pairs.On(system);
        var path = await MakeAsync(edges[0], what);
        using var read = await edges[0].Admin.GetAsync(path);
        using var changed = await SendAsync(edges[0], method, path, change, read.Header("ETag")!);
        using var again = await edges[1].Admin.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, changed.Header("ETag")), (changed.StatusCode, again.Header("ETag")));
        Assert.NotEqual(read.Header("ETag"), again.Header("ETag"));

        using var late = await SendAsync(edges[1], method, path, next, read.Header("ETag")!);
        var refusal = await late.ErrorAsync();
        Assert.Equal((412, "CONFLICT", "If-Match"), (refusal.Status, refusal.Code, refusal.Param));
        Assert.Equal(await again.Content.ReadAsStringAsync(), await edges[0].Admin.GetStringAsync(path));

        using var inTime = await SendAsync(edges[1], method, path, next, again.Header("ETag")!);
        Assert.Equal(HttpStatusCode.OK, inTime.StatusCode);
        Assert.NotEqual(again.Header("ETag"), inTime.Header("ETag"));
    }

    [Theory]
    [InlineData("PATCH", "", """{"model_aliases":{"b":"1","a":"2"}}""", """{"model_aliases":{"a":"2","b":"1"}}""")]
    [InlineData("PUT", "/prices", """{"prices":[{"provider":"openai","model":"m","input":1.50,"output":1}]}""", """{"prices":[{"provider":"openai","model":"m","input":1.5,"output":1.0}]}""")]
    public async Task An_equal_value_in_another_form_keeps_the_ETag(string method, string what, string change, string equal)
    {
        var edge = pairs.On(DatabaseEdge.Sqlite)[0];
        var path = await MakeAsync(edge, what);
        using var changed = await SendAsync(edge, method, path, change, "*");
        using var same = await SendAsync(edge, method, path, equal, changed.Header("ETag")!);
        using var read = await edge.Admin.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, changed.Header("ETag")), (same.StatusCode, same.Header("ETag")));
        Assert.Equal(changed.Header("ETag"), read.Header("ETag"));
    }

    [PostgresFact]
    public async Task An_ETag_reflects_the_stored_state_on_PostgreSQL_too()
    {
        await An_ETag_stays_the_same_until_the_state_changes(DatabaseEdge.Postgres, "PUT", "/networking", """{"access_mode":"public","allowed_cidrs":["10.0.0.0/8","203.0.113.7"]}""", """{"access_mode":"restricted","allowed_cidrs":["10.0.0.0/8"]}""");
        await An_ETag_stays_the_same_until_the_state_changes(DatabaseEdge.Postgres, "PATCH", "/api-keys/K", """{"allowed_cidrs":["::ffff:10.0.0.0/104"]}""", """{"allowed_cidrs":null}""");
        await An_ETag_stays_the_same_until_the_state_changes(DatabaseEdge.Postgres, "PUT", "/budget", """{"monthly_budget_usd":12.500}""", """{"monthly_budget_usd":13}""");
        await An_ETag_stays_the_same_until_the_state_changes(DatabaseEdge.Postgres, "PATCH", "/api-keys/K", """{"expires_at":"2999-01-01T01:00:00.1234567+01:00"}""", """{"revoked":true}""");
    }

    [Theory]
    [InlineData("*", 200)]
    [InlineData("{0}", 200)]
    [InlineData("W/{0}", 200)]
    [InlineData("\"other\", {0}", 200)]
    [InlineData("\"other\"", 412)]
    [InlineData("no-quotes", 400)]
    [InlineData("", 400)]
    public async Task If_Match_is_applied_or_refused_and_never_ignored(string header, int status)
    {
        var edge = pairs.On(DatabaseEdge.Sqlite)[0];
        var path = await MakeAsync(edge, "");
        using var read = await edge.Admin.GetAsync(path);
        using var response = await SendAsync(edge, "PATCH", path, """{"name":"new"}""", header.Replace("{0}", read.Header("ETag"), StringComparison.Ordinal));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200, (await edge.Admin.GetStringAsync(path)).Contains("\"new\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DELETE", "", "")]
    [InlineData("POST", "/api-keys/K", "/rotate")]
    public async Task Deletion_and_rotation_can_be_guarded_too(string method, string what, string act)
    {
        var edge = pairs.On(DatabaseEdge.Sqlite)[0];
        var path = await MakeAsync(edge, what);
        using var read = await edge.Admin.GetAsync(path);
        await edge.SendAdminAsync(HttpMethod.Patch, path, new { name = "new" });
        using var late = await SendAsync(edge, method, path + act, null, read.Header("ETag")!);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);

        using var again = await edge.Admin.GetAsync(path);
        using var inTime = await SendAsync(edge, method, path + act, null, again.Header("ETag")!);
        Assert.True(inTime.IsSuccessStatusCode);
    }

    private static async Task<string> MakeAsync(RunningEdge edge, string what)
    {
        var project = "/api/projects/" + await edge.CreateProjectAsync();
        var key = (string?)(await edge.SendAdminAsync(HttpMethod.Post, project + "/api-keys", new { name = "k", key_type = "secret", environment = "test" }))["apiKey"]!["id"];
        return project + what.Replace("/K", "/" + key, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningEdge edge, string method, string path, string? body, string ifMatch)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : RunningEdge.Json(body) };
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await edge.Admin.SendAsync(request);
    }
}
