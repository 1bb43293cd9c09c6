using Cencori.Edge.Owners;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Requests about a stored response go to the provider that made it. <c>groq</c> has its endpoints below <c>/openai/v1</c>.</summary>
public sealed class StoredResponsesTests(TwoProvidersEdge scene) : IClassFixture<TwoProvidersEdge>
{
    private const string OpenAI = "/v1/responses/";
    private const string Groq = "/openai/v1/responses/";

    private static int _made;

    [Theory]
    [InlineData("GET", "", "")]
    [InlineData("GET", "", "?stream=true&starting_after=3")]
    [InlineData("GET", "/input_items", "?limit=2")]
    [InlineData("POST", "/cancel", "")]
    [InlineData("DELETE", "", "")]
    public async Task Every_request_about_a_response_goes_to_the_provider_that_made_it(string method, string behind, string query)
    {
        var (existing, here) = (await MakeAsync("groq/llama-3.3-70b-versatile"), await MakeAsync("gpt-4o"));

        Assert.Equal(Groq + existing + behind + query, await AskAsync(method, existing + behind + query));
        Assert.Equal(OpenAI + here + behind + query, await AskAsync(method, here + behind + query));
        Assert.Equal(OpenAI + "resp_of_nobody" + behind + query, await AskAsync(method, "resp_of_nobody" + behind + query));
    }

    [Fact]
    public async Task A_streamed_response_is_recorded_from_its_first_event_on()
    {
        var (id, requested) = ($"resp_stream_{Interlocked.Increment(ref _made)}", new TaskCompletionSource());
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"" + id + "\",\"status\":\"in_progress\"}}\n\n");
            await response.HoldAsync(requested.Task);
            await response.SendChunkAsync("event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":1,\"response\":{\"id\":\"" + id + "\",\"status\":\"completed\"}}\n\n");
            await response.EndChunksAsync();
        });
        using var got = await scene.Edge.PostAsync(scene.Key, "/v1/responses", new { model = "groq/llama-3.3-70b-versatile", input = "hi", stream = true });
        using var reader = new StreamReader(await got.Content.ReadAsStreamAsync());
        Assert.Equal("event: response.created", await reader.ReadLineAsync());

        Assert.Equal("groq", await FreshlyFindAsync(id));
        Assert.Equal(Groq + id, await AskAsync("GET", id));
        requested.SetResult();
        Assert.Contains("response.completed", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_edge_finds_the_provider_too()
    {
        var (existing, here) = (await MakeAsync("groq/llama-3.3-70b-versatile"), await MakeAsync("gpt-4o"));

        // The provider of a response is stored before the caller gets its id, unless it is the default provider. Then it may be stored a moment later.
        Assert.Equal("groq", await FreshlyFindAsync(existing));
        await Eventually.IsTrueAsync(async () => await FreshlyFindAsync(here) == "openai");
    }

    [Fact]
    public async Task The_provider_of_a_response_stays_when_the_default_changes_or_a_credential_is_added()
    {
        var project = await scene.Edge.CreateProjectAsync("groq");
        var key = await scene.Edge.CreateKeyAsync(project);
        var id = await MakeAsync("llama-3.3-70b-versatile", key);

        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        Assert.Equal(Groq + id, await AskAsync("GET", id, key));
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { default_provider = "openai" });
        Assert.Equal(Groq + id, await AskAsync("GET", id, key));
        await Eventually.IsTrueAsync(async () => await FreshlyFindAsync(id, project) == "groq");
    }

    [Fact]
    public async Task The_header_overrides_the_provider_of_a_response_and_other_projects_and_environments_do_not_find_it()
    {
        var id = await MakeAsync("groq/llama-3.3-70b-versatile");
        var other = await scene.Edge.CreateKeyAsync(await scene.Edge.CreateProjectAsync("openai", "groq"));
        await scene.Edge.StoreProviderKeyAsync(scene.ProjectId, "groq", "test");
        var test = await scene.Edge.CreateKeyAsync(scene.ProjectId, environment: "test");

        Assert.Equal(OpenAI + id, await AskAsync("GET", id, scene.Key, ("X-Cencori-Provider", "openai")));
        Assert.Equal(OpenAI + id, await AskAsync("GET", id, other));
        Assert.Equal(OpenAI + id, await AskAsync("GET", id, test));
    }

    [Fact]
    public async Task Background_work_is_read_at_its_own_provider()
    {
        var id = await MakeAsync("groq/llama-3.3-70b-versatile", more: ""","background":true""", status: "queued");
        Assert.Equal(Groq + id, await AskAsync("GET", id, providerBody: Response(id, "completed")));
        Assert.Equal("groq", await FreshlyFindAsync(id));
        Assert.DoesNotContain(id, (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.ProjectId}/open-work")).ToJsonString(), StringComparison.Ordinal);
    }

    private static string Response(string id, string status) =>
        $$$"""{"id":"{{{id}}}","object":"response","status":"{{{status}}}","model":"m","output":[],"usage":{{{(status == "queued" ? "null" : """{"input_tokens":3,"output_tokens":1,"total_tokens":4}""")}}}}""";

    private async Task<string> MakeAsync(string model, string? key = null, string more = "", string status = "completed")
    {
        var id = $"resp_{Interlocked.Increment(ref _made)}";
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, Response(id, status)));
        using var got = await scene.Edge.PostAsync(key ?? scene.Key, "/v1/responses", $$"""{"model":"{{model}}","input":"hi","store":true,"previous_response_id":"resp_0","conversation":"conv_0"{{more}}}""");
        Assert.Equal(Response(id, status), await got.Content.ReadAsStringAsync());
        Assert.Contains("\"store\":true,\"previous_response_id\":\"resp_0\",\"conversation\":\"conv_0\"" + more, scene.Provider.Requests[^1].BodyText, StringComparison.Ordinal);
        return id;
    }

    /// <returns>The path that the provider got.</returns>
    private async Task<string> AskAsync(string method, string what, string? key = null, (string, string)? header = null, string? providerBody = null)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, providerBody ?? "{}"));
        using var completed = await scene.Edge.SendAsync(key ?? scene.Key, new(method), OpenAI + what, null, header is { } named ? [named] : []);
        await completed.Content.ReadAsStringAsync();
        var requested = scene.Provider.Requests[^1];
        Assert.Equal((200, method), ((int)completed.StatusCode, requested.Method));
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], requested.Values("Authorization"));
        return requested.Target;
    }

    // Looks up the object as an edge with an empty cache does.
    private async Task<string?> FreshlyFindAsync(string id, string? project = null)
    {
        var services = scene.Edge.Services;
        using var stored = new StoredObjects(services.GetRequiredService<OwnedObjects>(), services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), TimeProvider.System);
        var snapshot = await services.GetRequiredService<ProjectCache>().GetAsync(project ?? scene.ProjectId);
        return await stored.FindProviderAsync(snapshot!, KeyEnvironment.Production, id);
    }
}
