using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Cencori.Edge.Telemetry;

/// <summary>Names under which the edge can be observed, and what exports them.</summary>
public static class EdgeTelemetry
{
    /// <summary>The one meter of the edge's own instruments.</summary>
    public const string MeterName = "Cencori.Edge";

    /// <summary>Exports over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; costs nothing otherwise.</summary>
    public static IServiceCollection AddEdgeTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        // A caller must choose neither our trace id nor whether we sample, and must get no baggage into our spans.
        services.AddSingleton<DistributedContextPropagator, NoInboundContext>();

        if (string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return services;
        }

        // The instrumentation of ASP.NET Core reads the caller's headers a second time, with a propagator of its own.
        Sdk.SetDefaultTextMapPropagator(new CompositeTextMapPropagator([]));
        services.AddOpenTelemetry()
            .WithTracing(tracing => tracing
                .SetSampler(new AlwaysOnSampler())
                .AddAspNetCoreInstrumentation()
                .AddSource("Yarp.ReverseProxy", "System.Net.Http"))
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddMeter(MeterName, "System.Net.Http", "System.Runtime"))
            .UseOtlpExporter();
        return services;
    }

    private sealed class NoInboundContext : DistributedContextPropagator
    {
        public override IReadOnlyCollection<string> Fields => [];

        public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
        {
        }

        public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
        {
            traceId = null;
            traceState = null;
        }

        public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
    }
}
