using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Unknown paths and methods, in the dialect of the endpoint group.</summary>
public sealed class ErrorsOfPathsTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/v2/chat/completions")]
    [InlineData("/chat/completions")]
    public async Task An_unknown_path_gives_a_nested_404_with_a_hint_to_v1(string path)
    {
        var error = await at.Edge.PostAsync(at.Key, path, ScriptedEdge.Chat).NestedErrorAsync();

        Assert.Equal((404, "NOT_FOUND", "invalid_request_error", null), (error.Status, error.Code, error.Type, error.Param));
        Assert.Contains("/v1", error.Message, StringComparison.Ordinal);
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/ai/nothing-of-this-name")]
    [InlineData("/api/memory/nothing-of-this-name/at/all")]
    [InlineData("/API/AI/NOTHING")]
    public async Task An_unknown_native_path_gives_a_flat_404(string path)
    {
        var error = await at.Edge.PostAsync(at.Key, path, ScriptedEdge.Chat).FlatErrorAsync();

        Assert.Equal((404, "NOT_FOUND", "Not found"), (error.Status, error.Code, error.Title));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Theory]
    [InlineData("/api/projects/prj_none/nothing-of-this-name")]
    [InlineData("/api/projects/prj_none")]
    public async Task An_unknown_path_or_project_of_the_administration_gives_a_flat_404(string path)
    {
        var error = await at.Edge.Admin.GetAsync(path).FlatErrorAsync();

        Assert.Equal((404, "NOT_FOUND", "Not found"), (error.Status, error.Code, error.Title));
    }

    [Theory]
    [InlineData("PUT", "/v1/chat/completions")]
    [InlineData("PUT", "/api/v1/chat/completions")]
    [InlineData("PUT", "/v1/files/file-1")]
    [InlineData("TRACE", "/v1/models")]
    [InlineData("OPTIONS", "/v1/models")]
    public async Task A_wrong_method_for_a_known_path_gives_a_nested_405(string method, string path)
    {
        var error = await at.Edge.SendAsync(at.Key, new HttpMethod(method), path).NestedErrorAsync();

        Assert.Equal((405, "METHOD_NOT_ALLOWED", "invalid_request_error"), (error.Status, error.Code, error.Type));
        Assert.Contains(method, error.Message, StringComparison.Ordinal);
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Fact]
    public async Task A_wrong_method_in_the_administration_gives_a_flat_405()
    {
        var error = await at.Edge.Admin.PutAsync("/api/projects", RunningEdge.Json("{}")).FlatErrorAsync();

        Assert.Equal((405, "METHOD_NOT_ALLOWED", "Method not allowed"), (error.Status, error.Code, error.Title));
    }

    [Theory]
    [InlineData("/v1/models", 405)]
    [InlineData("/nowhere", 404)]
    [InlineData("/api/ai/nowhere", 404)]
    [InlineData("/api/projects", 401)]
    public async Task A_rejected_HEAD_has_the_headers_of_the_error_and_no_body(string path, int status)
    {
        using var response = await at.Edge.SendAsync(null, HttpMethod.Head, path);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.Single(response.Headers.GetValues("X-Request-Id"));
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/v1/health", 200)]
    [InlineData("/v1/models", 200)]
    [InlineData("/v1/models/none", 404)]
    [InlineData("/nowhere", 404)]
    public async Task The_clients_request_id_comes_back_with_every_response(string path, int status)
    {
        using var kept = await at.Edge.SendAsync(at.Key, HttpMethod.Get, path, null, ("X-Request-Id", "client-7"));
        using var replaced = await at.Edge.SendAsync(at.Key, HttpMethod.Get, path, null, ("X-Request-Id", "not harmless"));

        Assert.Equal(status, (int)kept.StatusCode);
        Assert.Equal(["client-7"], kept.Headers.GetValues("X-Request-Id"));
        Assert.Matches("^req_[0-9a-f]{32}$", Assert.Single(replaced.Headers.GetValues("X-Request-Id")));
    }

    [Fact]
    public async Task A_preflight_has_a_request_id_too()
    {
        using var response = await at.Edge.SendAsync(null, HttpMethod.Options, "/v1/models", null, ("Origin", "https://example.com"), ("Access-Control-Request-Method", "GET"));

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Single(response.Headers.GetValues("X-Request-Id"));
    }
}
