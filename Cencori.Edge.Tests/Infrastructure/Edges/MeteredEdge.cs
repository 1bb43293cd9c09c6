using System.Collections.Concurrent;
using Cencori.Edge.Metering;
using Cencori.Edge.Providers.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>An edge that records the metered usage of each request, by request id.</summary>
public class MeteredEdge : ScriptedEdge
{
    private readonly ConcurrentDictionary<string, (TokenUsage Usage, bool HasError)> _metered = new();

    public int Count => _metered.Count;

    /// <summary>Routes <c>mistral</c> to the same scripted provider.</summary>
    protected override IEnumerable<string> Settings => [RunningEdge.Destination("mistral", Provider.Address)];

    /// <summary>Waits for the request to end.</summary>
    public async Task<(TokenUsage Usage, bool HasError)> MeteredAsync(string requestId)
    {
        await Eventually.IsTrueAsync(() => _metered.ContainsKey(requestId));
        return _metered[requestId];
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<IStartupFilter>(new Outermost(this));

    private sealed class Outermost(MeteredEdge scene) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                try
                {
                    await rest(context);
                }
                finally
                {
                    if (context.Features.Get<Attempt>() is { Meter: { } meter, IsStatusRead: false })
                    {
                        scene._metered[context.Request.Headers["X-Request-Id"].ToString()] = (meter.Finish(), meter.HasError);
                    }
                }
            });
            next(app);
        };
    }
}
