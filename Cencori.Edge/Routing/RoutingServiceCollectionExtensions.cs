using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Routes;
using Cencori.Edge.Routing.Selection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Routing;

public static class RoutingServiceCollectionExtensions
{
    public static IServiceCollection AddModelRouting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LimitsOptions>()
            .Bind(configuration.GetSection(LimitsOptions.Section))
            .Validate(limits => limits.MaxRequestBodyBytes is > 0 and < int.MaxValue, $"{LimitsOptions.Section}:{nameof(LimitsOptions.MaxRequestBodyBytes)} must be 1 to {int.MaxValue - 1} bytes.")
            .Validate(limits => limits.MaxPublishableBodyBytes > 0, $"{LimitsOptions.Section}:{nameof(LimitsOptions.MaxPublishableBodyBytes)} must be at least 1 byte.")
            .Validate(limits => limits.IsBufferLargeEnough, $"{LimitsOptions.Section}:{nameof(LimitsOptions.BufferedBytes)} must be more than {nameof(LimitsOptions.MaxRequestBodyBytes)}, and not less than {nameof(LimitsOptions.BufferedBytesPerProject)}.")
            .Validate(limits => limits.IsProjectShareLargeEnough, $"{LimitsOptions.Section}:{nameof(LimitsOptions.BufferedBytesPerProject)} must be more than {nameof(LimitsOptions.MaxRequestBodyBytes)}.")
            .Validate(limits => limits.RequestBodyTimeout >= TimeSpan.FromSeconds(1), $"{LimitsOptions.Section}:{nameof(LimitsOptions.RequestBodyTimeout)} must be at least 1 second.")
            .ValidateOnStart();

        // Kestrel enforces the same limit for bodies that are only forwarded.
        services.AddOptions<KestrelServerOptions>()
            .Configure<IOptions<LimitsOptions>>((kestrel, limits) =>
            {
                kestrel.Limits.MaxRequestBodySize = limits.Value.MaxRequestBodyBytes;
                kestrel.AddServerHeader = false;

                // Longer than load balancers keep idle connections, some for 10 minutes. Otherwise a balancer sends requests on connections that the edge is about to close.
                kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(20);

                // With UTF-8, Kestrel refuses a request with an invalid header, even an unused one, and the error could not name the header. Latin-1 accepts every byte.
                kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
                // Smaller than the default of 1 MiB, because the edge's limit for buffered bytes does not include Kestrel's input buffers.
                kestrel.Limits.MaxRequestBufferSize = 128 * 1024;
                kestrel.Limits.Http2.InitialConnectionWindowSize = 256 * 1024;
                kestrel.Limits.Http2.InitialStreamWindowSize = 256 * 1024;

                // The edge reads providers' headers as Latin-1. With Kestrel's default, ASCII, an accented file name in a header would fail the whole response.
                // Headers that only the edge writes are ASCII, and null selects Kestrel's faster path for them.
                kestrel.ResponseHeaderEncodingSelector = name => IsOurs(name) ? null : Encoding.Latin1;
            });
        services.AddSingleton<BufferShares>();
        services.AddSingleton<RequestReader>();
        services.AddSingleton<ModelRouter>();
        services.AddSingleton<TargetTable>();
        services.AddSingleton<Canaries>();
        services.AddSingleton<TargetPlans>();
        services.AddSingleton<ShadowTraffic>();
        services.AddSingleton<CallableModels>();
        services.AddSingleton<TargetChooser>();
        services.AddSingleton<RequestQueues>();
        services.AddSingleton<CredentialQuota>();
        services.AddSingleton<RouteExplainer>();
        services.AddSingleton<ObjectPinning>();
        services.AddSingleton<AttemptRunner>();
        services.AddHostedService<TargetMeters>();
        return services;
    }

    private static bool IsOurs(string name) =>
        name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-cencori-", StringComparison.OrdinalIgnoreCase) || name is "X-Request-Id" or "Server-Timing" or "Date" or "Content-Length";
}
