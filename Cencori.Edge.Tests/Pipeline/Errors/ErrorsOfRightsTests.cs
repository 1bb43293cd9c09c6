using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>401 and 403 responses, at the OpenAI endpoints and in the administration.</summary>
public sealed class ErrorsOfRightsTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    private const string Chat = "/v1/chat/completions";

    private static readonly string[] Domains = ["example.com"];
    private static readonly string[] Models = ["gpt-4o-mini"];

    [Theory]
    [InlineData(null)]
    [InlineData("sk-a-provider-key")]
    [InlineData("csk_0123456789abcdef0123456789abcdef0123456789abcdef")]
    public async Task A_missing_malformed_or_unknown_key_gives_401(string? key)
    {
        foreach (var path in (string[])[Chat, "/api" + Chat, "/v1/models", "/v1/files", "/v1/whatever/else"])
        {
            var error = await (path.EndsWith("completions", StringComparison.Ordinal)
                ? at.Edge.PostAsync(key, path, ScriptedEdge.Chat)
                : at.Edge.SendAsync(key, HttpMethod.Get, path)).NestedErrorAsync();

            Assert.Equal((401, "INVALID_API_KEY", "authentication_error", null), (error.Status, error.Code, error.Type, error.Param));
            Assert.Equal("false", error.Header("x-should-retry"));
            if (key is not null)
            {
                Assert.DoesNotContain(key, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Unknown_revoked_and_expired_keys_get_the_same_response()
    {
        var clock = new MovableClock();
        await using var edge = await RunningEdge.StartAsync(configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var project = await edge.CreateProjectAsync();
        var expired = await edge.CreateKeyAsync(project, more: new { expires_at = clock.GetUtcNow().AddHours(1) });
        var revoked = await edge.CreateKeyAsync(project);
        var keys = await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys");
        var id = keys["apiKeys"]!.AsArray().Single(key => revoked.EndsWith((string)key!["last_four"]!, StringComparison.Ordinal))!["id"];
        await edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/api-keys/{id}", new { revoked = true });
        clock.Ahead = TimeSpan.FromHours(2);

        var responses = new List<string>();
        foreach (var key in (string[])["csk_" + new string('0', 48), revoked, expired])
        {
            using var response = await edge.PostAsync(key, Chat, ScriptedEdge.ChatOf("sandbox/echo"));
            Assert.Equal(401, (int)response.StatusCode);
            responses.Add(await response.Content.ReadAsStringAsync());
        }

        Assert.Single(responses.Distinct());
    }

    [Fact]
    public async Task A_publishable_key_outside_inference_gives_403_for_its_type()
    {
        var key = await at.Edge.CreateKeyAsync(at.ProjectId, "publishable", more: new { allowed_domains = Domains });

        var error = await at.Edge.SendAsync(key, HttpMethod.Get, "/v1/files", null, ("Origin", "https://example.com")).NestedErrorAsync();

        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "permission_error", "key_type"), (error.Status, error.Code, error.Type, error.Reason));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Theory]
    [InlineData("https://elsewhere.test")]
    [InlineData(null)]
    public async Task A_publishable_key_from_another_origin_gives_403_for_its_origin(string? origin)
    {
        var key = await at.Edge.CreateKeyAsync(at.ProjectId, "publishable", more: new { allowed_domains = Domains });

        var error = await at.Edge.PostAsync(key, "/api" + Chat, ScriptedEdge.Chat, origin is null ? [] : [("Origin", origin)]).NestedErrorAsync();

        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "origin_not_allowed"), (error.Status, error.Code, error.Reason));
    }

    [Theory]
    [InlineData("gpt-4o", 403)]
    [InlineData("no-such-model", 404)]
    public async Task A_model_outside_the_keys_list_gives_403_for_the_model(string model, int status)
    {
        var key = await at.Edge.CreateKeyAsync(at.ProjectId, more: new { allowed_models = Models });

        var error = await at.Edge.PostAsync(key, Chat, ScriptedEdge.ChatOf(model)).NestedErrorAsync();

        Assert.Equal(status, error.Status);
        Assert.Equal("model", error.Param);
        Assert.Equal(status == 403 ? ("INSUFFICIENT_PERMISSIONS", "model_not_allowed") : ("MODEL_NOT_FOUND", null), (error.Code, error.Reason));
    }

    [Fact]
    public async Task The_administration_without_the_admin_token_gives_a_flat_401()
    {
        var error = await at.Edge.SendAsync(null, HttpMethod.Get, "/api/projects").FlatErrorAsync();

        Assert.Equal((401, "INVALID_API_KEY", "Invalid API key"), (error.Status, error.Code, error.Title));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Fact]
    public async Task The_administration_with_a_project_key_gives_a_flat_403()
    {
        var error = await at.Edge.SendAsync(at.Key, HttpMethod.Get, "/api/projects").FlatErrorAsync();

        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "Insufficient permissions", "key_type"), (error.Status, error.Code, error.Title, error.Reason));
    }
}
