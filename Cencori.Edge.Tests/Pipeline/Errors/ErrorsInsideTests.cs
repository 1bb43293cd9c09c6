using System.Threading.RateLimiting;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Failures of the edge itself. The client gets only the request id; the log has the details.</summary>
public sealed class ErrorsInsideTests
{
    private const string Secret = "an-exception-text-nobody-may-read";

    [Fact]
    public async Task An_exception_in_the_pipeline_gives_a_nested_500_with_only_the_request_id()
    {
        await using var edge = await RunningEdge.StartAsync(configure: builder =>
            builder.Services.AddSingleton<PartitionedRateLimiter<RateLimitCost>>(new BrokenLimiter()));

        foreach (var path in (string[])["/v1/chat/completions", "/api/v1/chat/completions"])
        {
            AssertInternal(edge, await edge.PostAsync(edge.Welcome.TestKey, path, ScriptedEdge.ChatOf("sandbox/echo")).NestedErrorAsync());
        }
    }

    [Fact]
    public async Task An_exception_in_the_administration_gives_a_flat_500_with_only_the_request_id()
    {
        var isBroken = false;
        await using var edge = await RunningEdge.StartAsync(configure: builder => BreakDatabase(builder.Services, () => isBroken));
        isBroken = true;

        var error = await edge.Admin.GetAsync("/api/projects").FlatErrorAsync();

        Assert.Equal("Internal error", error.Title);
        AssertInternal(edge, error);
    }

    [Fact] // field trap 22
    public async Task A_key_that_cannot_be_looked_up_gives_503_and_not_401()
    {
        var isBroken = false;
        await using var edge = await RunningEdge.StartAsync(configure: builder => BreakDatabase(builder.Services, () => isBroken));
        var key = await edge.CreateKeyAsync(await edge.CreateProjectAsync());
        isBroken = true;

        var error = await edge.SendAsync(key, HttpMethod.Get, "/v1/models").NestedErrorAsync();
        isBroken = false;

        Assert.Equal((503, "INTERNAL_ERROR", "api_error", "1"), (error.Status, error.Code, error.Type, error.Header("Retry-After")));
        Assert.DoesNotContain(Secret, error.Message, StringComparison.Ordinal);
        Assert.Null(error.Header("x-should-retry"));
        await Eventually.IsTrueAsync(async () =>
        {
            using var mended = await edge.SendAsync(key, HttpMethod.Get, "/v1/models");
            return mended.IsSuccessStatusCode;
        });
    }

    [Fact] // yarp trap 19
    public async Task A_request_transform_that_throws_gives_500_with_a_body_and_nothing_is_sent()
    {
        await using var provider = new ScriptedProvider();
        await using var edge = await RunningEdge.StartAsync(
            [RunningEdge.Destination("openai", provider.Address)],
            builder => builder.Services.AddSingleton<ITransformProvider>(new BrokenTransform()));

        var error = await edge.PostAsync(await edge.CreateOpenAIKeyAsync(), "/v1/chat/completions", ScriptedEdge.Chat).NestedErrorAsync();

        AssertInternal(edge, error, isLoggedByUs: false);
        Assert.Empty(provider.Requests);
    }

    [Fact] // yarp trap 19
    public async Task A_response_transform_that_throws_gives_502_with_a_body_and_nothing_of_the_response()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await RunningEdge.StartAsync(
            [RunningEdge.Destination("openai", provider.Address)],
            builder => builder.Services.AddSingleton<ITransformProvider>(new BrokenTransform(onResponse: true)));

        var error = await edge.PostAsync(await edge.CreateOpenAIKeyAsync(), "/v1/chat/completions", ScriptedEdge.Chat).NestedErrorAsync();

        // YARP reports this failure in the same way as an invalid header of the provider, so the edge blames the provider.
        Assert.Equal((502, "PROVIDER_ERROR"), (error.Status, error.Code));
        Assert.DoesNotContain(Secret, error.Message, StringComparison.Ordinal);
        Assert.Contains(edge.Logs.Lines, line => line.Text.Contains(Secret, StringComparison.Ordinal));
    }

    private static void AssertInternal(RunningEdge edge, ErrorResponse error, bool isLoggedByUs = true)
    {
        Assert.Equal((500, "INTERNAL_ERROR"), (error.Status, error.Code));
        Assert.Equal($"The edge failed. Request id: {error.Header("X-Request-Id")}", error.Message);
        Assert.Null(error.Header("x-should-retry"));
        Assert.Contains(edge.Logs.Lines, line => line.Text.Contains(Secret, StringComparison.Ordinal)
            && (!isLoggedByUs || (line.EventName == "UnhandledException" && line.Text.Contains(error.Header("X-Request-Id")!, StringComparison.Ordinal))));
    }

    private static void BreakDatabase(IServiceCollection services, Func<bool> isBroken)
    {
        var original = services.Last(service => service.ServiceType == typeof(IDbContextFactory<EdgeDbContext>));
        services.AddSingleton<IDbContextFactory<EdgeDbContext>>(provider => new BreakableDatabase(
            (IDbContextFactory<EdgeDbContext>)ActivatorUtilities.CreateInstance(provider, original.ImplementationType!), isBroken));
    }

    private sealed class BreakableDatabase(IDbContextFactory<EdgeDbContext> inner, Func<bool> isBroken) : IDbContextFactory<EdgeDbContext>
    {
        public EdgeDbContext CreateDbContext() => isBroken() ? throw new InvalidOperationException(Secret) : inner.CreateDbContext();
    }

    private sealed class BrokenLimiter : PartitionedRateLimiter<RateLimitCost>
    {
        public override RateLimiterStatistics? GetStatistics(RateLimitCost resource) => null;

        protected override RateLimitLease AttemptAcquireCore(RateLimitCost resource, int permitCount) => throw new InvalidOperationException(Secret);

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(RateLimitCost resource, int permitCount, CancellationToken cancellationToken) =>
            throw new InvalidOperationException(Secret);
    }

    private sealed class BrokenTransform(bool onResponse = false) : ITransformProvider
    {
        public void Apply(TransformBuilderContext context)
        {
            if (onResponse)
            {
                context.AddResponseTransform(_ => throw new InvalidOperationException(Secret));
            }
            else
            {
                context.AddRequestTransform(_ => throw new InvalidOperationException(Secret));
            }
        }

        public void ValidateCluster(TransformClusterValidationContext context)
        {
        }

        public void ValidateRoute(TransformRouteValidationContext context)
        {
        }
    }
}
