using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>Helpers for tests of background work: begin it, read it, and get its cost.</summary>
public abstract class BackgroundWorkScene(ClockedEdge scene)
{
    protected const string Background = """{"model":"gpt-4o","background":true,"max_output_tokens":10000,"input":"hello"}""";

    protected ClockedEdge Scene { get; } = scene;

    /// <summary>The projects of this test.</summary>
    protected List<string> Projects { get; } = [];

    protected static string Response(string id, string status, string usage) =>
        $$"""{"id":"{{id}}","object":"response","status":"{{status}}","model":"gpt-4o-2024-08-06","output":[],"usage":{{usage}}}""";

    protected async Task<(string Project, string Key)> ProjectAsync(decimal capUsd)
    {
        var project = await Scene.Edge.CreateProjectAsync("openai");
        await Scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = capUsd });
        Projects.Add(project);
        return (project, await Scene.Edge.CreateKeyAsync(project));
    }

    protected async Task<HttpStatusCode> BeginAsync(string key, string? id)
    {
        if (id is not null)
        {
            Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, Response(id, "queued", "null")));
        }

        using var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses", Background);
        Assert.Equal(id is not null, (await edgeResponse.Content.ReadAsStringAsync()).Contains("queued", StringComparison.Ordinal));
        return edgeResponse.StatusCode;
    }

    protected async Task PollAsync(string key, string id, string shown, HttpMethod? method = null, string? path = null)
    {
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, shown));
        using var edgeResponse = await Scene.Edge.SendAsync(key, method ?? HttpMethod.Get, path ?? $"/v1/responses/{id}");
        Assert.Equal(shown, await edgeResponse.Content.ReadAsStringAsync());
    }

    protected async Task<decimal> SpentAsync(string project) =>
        (decimal)(await Scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget"))["current_spend_usd"]!;

    protected async Task<JsonArray> OpenAsync(string project) =>
        (await Scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/open-work"))["data"]!.AsArray();
}
