using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Pipeline;

public sealed class EndpointAuthorizationTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Local = ["localhost"];

    [Fact]
    public void Every_endpoint_except_health_requires_authorization()
    {
        // yarp trap 37
        var endpoints = openai.Edge.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).ToList();
        var anonymous = endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).ToList();
        var open = endpoints.Except(anonymous).Where(endpoint => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().All(data => string.IsNullOrEmpty(data.Policy)));

        Assert.True(endpoints.Count > 25, $"Only {endpoints.Count} endpoints were found.");
        Assert.Equal(["/health/live", "/health/ready", "/v1/health"], anonymous.Select(endpoint => ((RouteEndpoint)endpoint).RoutePattern.RawText).Order());
        Assert.Empty(open.Select(endpoint => endpoint.DisplayName));
    }

    [Fact]
    public async Task A_refusal_by_a_framework_policy_has_the_error_shape_of_the_contract()
    {
        await using var edge = await RunningEdge.StartAsync(["ReverseProxy:Routes:passthrough:AuthorizationPolicy=default"]);
        var key = await edge.CreateKeyAsync(await edge.CreateProjectAsync("openai"));

        using var refusal = await edge.SendAsync(null, HttpMethod.Get, "/v1/files");
        using var somebody = await edge.SendAsync(key, HttpMethod.Get, "/v1/files");

        Assert.Equal((401, 403), ((int)refusal.StatusCode, (int)somebody.StatusCode));
        Assert.Contains("INVALID_API_KEY", await refusal.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("INSUFFICIENT_PERMISSIONS", await somebody.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("secret")]
    [InlineData("test")]
    [InlineData("publishable")]
    [InlineData("agent")]
    [InlineData("admin")]
    public async Task A_provider_route_is_no_endpoint_for_callers(string? kind)
    {
        // yarp trap 26
        var key = kind switch
        {
            null => null,
            "admin" => RunningEdge.AdminToken,
            "test" => await openai.Edge.CreateKeyAsync(openai.ProjectId, environment: "test"),
            "publishable" => await openai.Edge.CreateKeyAsync(openai.ProjectId, kind, more: new { allowed_domains = Local }),
            "agent" => await openai.Edge.CreateKeyAsync(openai.ProjectId, kind),
            _ => openai.Key,
        };

        foreach (var path in (string[])["/.provider/openai/v1/chat/completions", "/.provider/openai/", "/.PROVIDER/openai/x", "/.provider/sandbox/chat/completions", "/v1/../.provider/openai/x"])
        {
            using var response = await openai.Edge.PostAsync(key, path, ScriptedEdge.Chat, ("Origin", "http://localhost"));
            Assert.Equal((404, 1), ((int)response.StatusCode, (await response.Content.ReadAsStringAsync()).Split("NOT_FOUND").Length - 1));
        }

        Assert.Empty(openai.Provider.Requests);
    }
}
