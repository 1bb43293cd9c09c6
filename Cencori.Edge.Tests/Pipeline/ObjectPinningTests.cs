using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Owners;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Several credentials of one provider: requests about a stored object use the credential that made it, even if another credential is first now.</summary>
public sealed class ObjectPinningTests(FleetEdge fleet) : IClassFixture<FleetEdge>
{
    private static int _made;

    [Theory]
    [InlineData("/v1/responses", """{"model":"gpt-4o","input":"hi"}""", "status", "completed")]
    [InlineData("/v1/responses", """{"model":"gpt-4o","input":"hi","background":true}""", "status", "queued")]
    [InlineData("/v1/files", null, "status", "processed")]
    [InlineData("/v1/uploads", "{}", "status", "pending")]
    [InlineData("/v1/batches", """{"input_file_id":"file-of-nobody"}""", "status", "validating")]
    [InlineData("/v1/fine_tuning/jobs", """{"model":"gpt-4o","training_file":"file-of-nobody"}""", "status", "queued")]
    [InlineData("/v1/vector_stores", "{}", "status", "in_progress")]
    [InlineData("/v1/conversations", "{}", "object", "conversation")]
    [InlineData("/v1/assistants", """{"model":"gpt-4o"}""", "object", "assistant")]
    [InlineData("/v1/threads/", "{}", "object", "thread")]
    [InlineData("/v1/videos", """{"model":"sora-2","prompt":"p"}""", "status", "queued")]
    public async Task Later_requests_about_an_object_use_the_credential_that_made_it(string path, string? body, string name, string value)
    {
        var (project, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"));
        var id = await MakeAsync(key, accounts[0], path, body, name, value);
        await PutLastAsync(project, accounts, 0);

        var below = path.TrimEnd('/') + "/" + id;
        Assert.Equal(200, await AskAsync(key, "GET", below));
        Assert.Equal(200, await AskAsync(key, "GET", below + "/content?x=y"));
        Assert.Equal(200, await AskAsync(key, "POST", below + "/cancel"));
        Assert.Equal(200, await AskAsync(key, "POST", below + "/search", "{}"));
        Assert.Equal(200, await AskAsync(key, "DELETE", below));
        Assert.Equal([6, 0], accounts.Select(account => account.Count));

        var later = await MakeAsync(key, accounts[1], path, body, name, value);
        Assert.Equal(200, await AskAsync(key, "GET", path.TrimEnd('/') + "/" + later));
        Assert.Equal([6, 2], accounts.Select(account => account.Count));
        await Eventually.IsTrueAsync(async () => await FreshlyFindAsync(project, id) is { } owner && owner != await FreshlyFindAsync(project, later) && await FreshlyFindAsync(project, later) is not null);
    }

    [Theory]
    [InlineData("/v1/responses", "/v1/responses", """{"model":"gpt-4o","input":"hi","previous_response_id":"ID"}""")]
    [InlineData("/v1/conversations", "/v1/responses", """{"model":"gpt-4o","input":"hi","conversation":"ID"}""")]
    [InlineData("/v1/conversations", "/v1/responses", """{"model":"gpt-4o","input":"hi","conversation":{"x":1,"\u0069d":"ID"}}""")]
    [InlineData("/v1/files", "/v1/responses", """{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_file","file_id":"ID"}]}]}""")]
    [InlineData("/v1/files", "/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"ID"}}]}]}""")]
    [InlineData("/v1/vector_stores", "/v1/responses", """{"model":"gpt-4o","input":"hi","tools":[{"type":"file_search","vector_store_ids":["ID"]}]}""")]
    [InlineData("/v1/files", "/v1/batches", """{"input_file_id":"ID","endpoint":"/v1/responses"}""")]
    [InlineData("/v1/files", "/v1/fine_tuning/jobs", """{"model":"gpt-4o","training_file":"ID"}""")]
    public async Task A_body_that_names_the_object_uses_its_credential_too(string path, string next, string body)
    {
        var (project, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"));
        var id = await MakeAsync(key, accounts[0], path, path == "/v1/files" ? null : """{"model":"gpt-4o","input":"hi"}""", "object", "x");
        await PutLastAsync(project, accounts, 0);

        Assert.Equal(200, await AskAsync(key, "POST", next, body.Replace("ID", id, StringComparison.Ordinal)));
        Assert.Equal([2, 0], accounts.Select(account => account.Count));
        Assert.Equal(200, await AskAsync(key, "POST", next, body.Replace("ID", "of_nobody", StringComparison.Ordinal)));
        Assert.Equal([2, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task Objects_of_two_credentials_cannot_be_used_in_one_request()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"));
        var response = await MakeAsync(key, accounts[0], "/v1/responses", """{"model":"gpt-4o","input":"hi"}""", "status", "completed");
        await PutLastAsync(project, accounts, 0);
        var conversation = await MakeAsync(key, accounts[1], "/v1/conversations", "{}", "object", "conversation");

        using var edgeResponse = await fleet.Edge.PostAsync(key, "/v1/responses", $$"""{"model":"gpt-4o","input":"hi","previous_response_id":"{{response}}","conversation":"{{conversation}}"}""");

        Assert.Equal(HttpStatusCode.BadRequest, edgeResponse.StatusCode);
        Assert.Contains(conversation, await edgeResponse.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task An_error_for_the_objects_credential_is_passed_on_and_no_other_credential_is_tried()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"));
        var id = await MakeAsync(key, accounts[0], "/v1/batches", """{"input_file_id":"file-x"}""", "status", "validating");

        foreach (var (status, expected) in new[] { (401, 502), (429, 429), (404, 404), (500, 500) })
        {
            accounts[0].Script = FleetEdge.Refuse(status);
            Assert.Equal(expected, await AskAsync(key, "GET", "/v1/batches/" + id));
            Assert.Equal(expected, await AskAsync(key, "POST", $"/v1/batches/{id}/cancel"));
        }

        Assert.Equal([9, 0], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData("""{"enabled":false}""", "deleted or disabled")]
    [InlineData("""{"models":["o3*"]}""", "is not for the model 'gpt-4o'")]
    public async Task An_unusable_credential_of_the_object_gives_400_and_no_other_credential_is_tried(string change, string reason)
    {
        var (project, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"), Json("{}"));
        var id = await MakeAsync(key, accounts[0], "/v1/responses", """{"model":"gpt-4o","input":"hi"}""", "status", "completed");
        await fleet.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/provider-keys/openai?name=account%200", JsonNode.Parse(change)!);

        using var response = await fleet.Edge.PostAsync(key, "/v1/responses", $$"""{"model":"gpt-4o","input":"hi","previous_response_id":"{{id}}"}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await response.Content.ReadAsStringAsync();
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("account 0", error, StringComparison.Ordinal);
        Assert.Equal([1, 0, 0], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_GET_of_an_unknown_object_searches_all_credentials_and_remembers_the_right_one()
    {
        var (project, key, accounts) = await fleet.CreateAsync(FleetEdge.Refuse(404), FleetEdge.Refuse(404), Json("""{"id":"file-old"}"""));
        using (var response = await fleet.Edge.SendAsync(key, HttpMethod.Get, "/v1/files/file-old?x=y"))
        {
            Assert.Equal("""{"id":"file-old"}""", await response.Content.ReadAsStringAsync());
        }

        Assert.Equal([1, 1, 1], accounts.Select(account => account.Count));
        Assert.All(accounts, account => Assert.Equal("/v1/files/file-old?x=y", account.Requests.Single().Target));

        Assert.Equal(200, await AskAsync(key, "GET", "/v1/files/file-old/content"));
        Assert.Equal(200, await AskAsync(key, "DELETE", "/v1/files/file-old"));
        Assert.Equal(200, await AskAsync(key, "POST", "/v1/batches", """{"input_file_id":"file-old"}"""));
        Assert.Equal([1, 1, 4], accounts.Select(account => account.Count));
        await Eventually.IsTrueAsync(async () => await FreshlyFindAsync(project, "file-old") is not null);
    }

    [Fact]
    public async Task A_failed_search_is_cached_for_a_short_time()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"));
        var services = fleet.Edge.Services;
        var clock = new FakeTimeProvider();
        using var elsewhere = new StoredObjects(services.GetRequiredService<OwnedObjects>(), services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), clock);
        var snapshot = (await services.GetRequiredService<ProjectCache>().GetAsync(project))!;
        ValueTask<string?> FindAsync(string id) => elsewhere.FindCredentialAsync(snapshot, KeyEnvironment.Production, "openai", id);
        Assert.Null(await FindAsync($"made_{_made + 1}"));

        var id = await MakeAsync(key, accounts[0], "/v1/files", null, "status", "processed");
        await Eventually.IsTrueAsync(async () => await FreshlyFindAsync(project, id) is not null);

        Assert.Null(await FindAsync(id));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull(await FindAsync(id));
    }

    [Fact]
    public async Task A_GET_of_an_object_without_a_credential_gives_404_and_other_methods_use_the_first_credential()
    {
        var (_, key, accounts) = await fleet.CreateAsync(FleetEdge.Refuse(404), FleetEdge.Refuse(404));
        Assert.Equal(404, await AskAsync(key, "GET", "/v1/responses/resp_unknown"));
        Assert.Equal(404, await AskAsync(key, "GET", "/v1/responses/resp_unknown"));
        Assert.Equal([2, 2], accounts.Select(account => account.Count));
        Assert.Equal(404, await AskAsync(key, "DELETE", "/v1/responses/resp_unknown"));
        Assert.Equal(404, await AskAsync(key, "POST", "/v1/responses/resp_unknown/cancel"));
        Assert.Equal(404, await AskAsync(key, "GET", "/v1/files"));
        Assert.Equal([5, 2], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData(401, 502)]
    [InlineData(429, 429)]
    [InlineData(503, 503)]
    public async Task Another_error_than_404_ends_the_search(int status, int expected)
    {
        var (_, key, accounts) = await fleet.CreateAsync(FleetEdge.Refuse(status), Json("{}"));
        Assert.Equal(expected, await AskAsync(key, "GET", "/v1/files/file-x"));
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task Another_project_does_not_find_the_object()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"));
        var id = await MakeAsync(key, accounts[0], "/v1/files", null, "status", "processed");
        var (_, others, theirs) = await fleet.CreateAsync(FleetEdge.Refuse(404), FleetEdge.Refuse(404));

        Assert.Equal(404, await AskAsync(others, "GET", "/v1/files/" + id));
        Assert.Equal([1, 0, 1, 1], accounts.Concat(theirs).Select(account => account.Count));
    }

    [Fact]
    public async Task Stored_files_are_no_open_work()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Json("{}"), Json("{}"));
        await MakeAsync(key, accounts[0], "/v1/files", null, "status", "uploaded");
        await MakeAsync(key, accounts[0], "/v1/vector_stores", "{}", "status", "in_progress");

        Assert.Empty((await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/open-work"))["data"]!.AsArray());
    }

    private static Func<ReceivedRequest, ScriptedResponse, Task> Json(string body) => (_, response) => response.JsonAsync(200, body);

    private async Task PutLastAsync(string project, FleetEdge.Account[] accounts, int place) =>
        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = accounts[place].Secret, name = $"account {place}", rank = 9 });

    private async Task<string> MakeAsync(string key, FleetEdge.Account account, string path, string? body, string name, string value)
    {
        var id = $"made_{Interlocked.Increment(ref _made)}";
        account.Script = Json($$"""{"id":"{{id}}","{{name}}":"{{value}}"}""");
        using HttpContent content = body is null
            ? new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new StringContent("{}"), "file", "f.jsonl" } }
            : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await fleet.Edge.SendAsync(key, HttpMethod.Post, path, content);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Contains(id, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        account.Script = Json("{}");
        return id;
    }

    private async Task<int> AskAsync(string key, string method, string path, string? body = null)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await fleet.Edge.SendAsync(key, new(method), path, content);
        await response.Content.ReadAsStringAsync();
        return (int)response.StatusCode;
    }

    // Looks up the object as an edge with an empty cache does.
    private async Task<string?> FreshlyFindAsync(string project, string id)
    {
        var services = fleet.Edge.Services;
        using var stored = new StoredObjects(services.GetRequiredService<OwnedObjects>(), services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), TimeProvider.System);
        return await stored.FindCredentialAsync((await services.GetRequiredService<ProjectCache>().GetAsync(project))!, KeyEnvironment.Production, "openai", id);
    }
}
