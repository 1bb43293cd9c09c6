using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Keys;

/// <summary>A key's <c>allowed_models</c>, tested on a whole edge.</summary>
public sealed class KeyModelsTests(TwoProvidersEdge fixture) : IClassFixture<TwoProvidersEdge>, IAsyncLifetime
{
    private static readonly string[] Listed = ["gpt-4o", "fast", "groq:llama-3.1*"];

    private readonly RunningEdge _edge = fixture.Edge;
    private readonly string _project = fixture.ProjectId;

    public Task InitializeAsync() => _edge.SendAdminAsync(
        HttpMethod.Patch, $"/api/projects/{_project}", new { model_aliases = new { fast = "gpt-4o-mini", other = "groq/llama-3.1-8b-instant" } });

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(null, "gpt-4o", true)]
    [InlineData("", "gpt-4o", false)]
    [InlineData("gpt-4o", "gpt-4o", true)]
    [InlineData("gpt-4o", "gpt-4o-mini", false)]
    [InlineData("gpt-4o", "openai/gpt-4o", true)]
    [InlineData("openai:gpt-4o", "gpt-4o", true)]
    [InlineData("openai:gpt-4o", "groq/gpt-4o", false)]
    [InlineData("gpt-*", "gpt-4o", true)]
    [InlineData("gpt-*", "o3", false)]
    [InlineData("openai:*", "o3", true)]
    [InlineData("openai:*", "llama-3.1-8b-instant", false)]
    [InlineData("fast", "fast", true)]
    [InlineData("fast", "gpt-4o-mini", false)]
    [InlineData("gpt-4o-mini", "fast", true)]
    [InlineData("gpt-4o", "fast", false)]
    [InlineData("openai:*", "other", false)]
    [InlineData("gpt-4o,groq:llama-*", "other", true)]
    public async Task A_key_may_use_the_models_it_lists(string? entries, string model, bool allowed)
    {
        var key = await _edge.CreateKeyAsync(_project, more: new { allowed_models = entries?.Split(',', StringSplitOptions.RemoveEmptyEntries) });
        var before = fixture.Provider.Requests.Count;
        using var response = await _edge.PostAsync(key, "/v1/chat/completions", new { model, messages = Array.Empty<object>() });

        if (allowed)
        {
            Assert.Equal(200, (int)response.StatusCode);
            return;
        }

        var refusal = await response.ErrorAsync();
        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "model_not_allowed", "model"), (refusal.Status, refusal.Code, refusal.Reason, refusal.Param));
        Assert.Equal(before, fixture.Provider.Requests.Count);
    }

    [Fact]
    public async Task The_model_list_contains_only_what_the_key_may_use()
    {
        var key = await _edge.CreateKeyAsync(_project, more: new { allowed_models = Listed });
        using var response = await _edge.SendAsync(key, HttpMethod.Get, "/v1/models");

        var listed = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]!.AsArray().Select(model => (string)model!["id"]!);
        Assert.Equal(["fast", "gpt-4o", "llama-3.1-8b-instant", "other"], listed);
    }
}
