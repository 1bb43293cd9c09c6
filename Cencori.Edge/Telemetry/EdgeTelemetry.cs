using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cencori.Edge.Telemetry;

/// <summary>Names under which the edge can be observed, and what exports them.</summary>
public static class EdgeTelemetry
{
    /// <summary>What exported data say they come from, unless <c>OTEL_SERVICE_NAME</c> says otherwise.</summary>
    public const string ServiceName = "cencori-edge";

    /// <summary>The one meter of the edge's own instruments.</summary>
    public const string MeterName = "Cencori.Edge";

    /// <summary>
    /// Exports over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and to Prometheus as <see cref="PrometheusOptions"/> say;
    /// costs nothing otherwise.
    /// </summary>
    public static IServiceCollection AddEdgeTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        // A caller must choose neither our trace id nor whether we sample, and must get no baggage into our spans.
        services.AddSingleton<DistributedContextPropagator, NoInboundContext>();

        var hasPrometheus = services.AddPrometheus(configuration);
        var hasOtlp = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        if (!hasPrometheus && !hasOtlp)
        {
            return services;
        }

        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(ServiceName).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddMeter(MeterName, "System.Net.Http", "System.Runtime"));
        if (hasOtlp)
        {
            // The instrumentation of ASP.NET Core reads the caller's headers a second time, with a propagator of its own.
            Sdk.SetDefaultTextMapPropagator(new CompositeTextMapPropagator([]));

            // Log lines carry the ids of the trace and the span in which they were written.
            telemetry
                .WithTracing(tracing => tracing
                    .SetSampler(new AlwaysOnSampler())
                    .AddAspNetCoreInstrumentation()
                    .AddSource("Yarp.ReverseProxy", "System.Net.Http"))
                .WithLogging(configureBuilder: null, logging => logging.IncludeFormattedMessage = true)
                .UseOtlpExporter();
        }

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
