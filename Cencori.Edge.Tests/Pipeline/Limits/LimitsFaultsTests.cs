using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Cencori.Edge.Tests.Pipeline.Limits;

/// <summary>A fault of the edge below the limiter must free the slot.</summary>
public class LimitsFaultsTests
{
    [Theory]
    [InlineData("request transform", HttpStatusCode.InternalServerError, "INTERNAL_ERROR")] // yarp trap 19
    [InlineData("response transform", HttpStatusCode.BadGateway, "PROVIDER_ERROR")] // YARP reports it like headers that cannot be passed on
    [InlineData("forwarder", HttpStatusCode.InternalServerError, "INTERNAL_ERROR")]
    public async Task An_exception_below_the_limiter_frees_the_slot(string culprit, HttpStatusCode status, string code)
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await RunningEdge.StartAsync(
            [RunningEdge.Destination("openai", provider.Address)],
            builder =>
            {
                if (culprit == "forwarder")
                {
                    builder.Services.AddSingleton<IHttpForwarder, ThrowingForwarder>();
                }
                else
                {
                    builder.Services.AddSingleton<ITransformProvider>(new ThrowingTransform(culprit == "request transform"));
                }
            });
        var project = await edge.CreateProjectAsync("openai");
        await edge.SetLimitsAsync(project, new { concurrent_requests = 1, requests_per_minute = 60 });
        var key = await edge.CreateKeyAsync(project);

        for (var i = 1; i <= 3; i++)
        {
            using var edgeResponse = await edge.PostAsync(key, "/v1/chat/completions", ClockedEdge.ChatOf(100));
            await edgeResponse.ErrorAsync(status, code);
            Assert.NotNull(edgeResponse.Header("X-RateLimit-Remaining"));
        }
    }

    private static InvalidOperationException Fault() => new("A fault injected by the test.");

    private sealed class ThrowingForwarder : IHttpForwarder
    {
        public ValueTask<ForwarderError> SendAsync(
            HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) => throw Fault();
    }

    private sealed class ThrowingTransform(bool onRequest) : ITransformProvider
    {
        public void Apply(TransformBuilderContext context)
        {
            if (onRequest)
            {
                context.AddRequestTransform(_ => throw Fault());
            }
            else
            {
                context.AddResponseTransform(_ => throw Fault());
            }
        }

        public void ValidateRoute(TransformRouteValidationContext context)
        {
        }

        public void ValidateCluster(TransformClusterValidationContext context)
        {
        }
    }
}
