using System.Collections.Concurrent;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Endpoints;

/// <summary><c>/api/v1</c> is an alias of <c>/v1</c>.</summary>
public sealed class AliasTests(AliasTests.WatchedEdge edge) : IClassFixture<AliasTests.WatchedEdge>
{
    [Fact]
    public async Task A_request_keeps_its_path_and_the_provider_receives_the_v1_path()
    {
        using var response = await edge.Edge.PostAsync(edge.Key, "/api/v1/chat/completions", ScriptedEdge.Chat);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("/v1/chat/completions", edge.Provider.Requests[^1].Target);
        Assert.Contains("/api/v1/chat/completions", edge.Paths);
    }

    public sealed class WatchedEdge : RespondingEdge
    {
        /// <summary>Paths of requests, recorded when the response starts.</summary>
        public ConcurrentBag<string> Paths { get; } = [];

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<IStartupFilter>(new Outermost(Paths));

        private sealed class Outermost(ConcurrentBag<string> paths) : IStartupFilter
        {
            public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
            {
                app.Use(async (HttpContext context, RequestDelegate rest) =>
                {
                    context.Response.OnStarting(() =>
                    {
                        paths.Add(context.Request.Path.Value!);
                        return Task.CompletedTask;
                    });
                    await rest(context);
                });
                next(app);
            };
        }
    }
}
