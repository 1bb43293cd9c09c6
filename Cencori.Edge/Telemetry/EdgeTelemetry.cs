using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cencori.Edge.Telemetry;

/// <summary>The edge's telemetry: names of its meter and service, and the exporters.</summary>
public static class EdgeTelemetry
{
    /// <summary>The service name in exported data, unless <c>OTEL_SERVICE_NAME</c> sets another.</summary>
    public const string ServiceName = "cencori-edge";

    /// <summary>The only meter of the edge's own instruments.</summary>
    public const string MeterName = "Cencori.Edge";

    // Enough for all known agents with several models each. OpenTelemetry's default is a tenth; the series after it lose their labels.
    private const int MaxSeries = 20_000;

    /// <summary>
    /// Exports over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and to Prometheus as <see cref="PrometheusOptions"/> configures;
    /// without both, this method adds nothing and telemetry costs nothing.
    /// </summary>
    public static IServiceCollection AddEdgeTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        // Ignores the caller's trace headers: a caller must not choose the trace id, decide about sampling, or put baggage into the edge's spans.
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
                .AddMeter(MeterName, "System.Net.Http", "System.Runtime")
                .AddView(StreamOf));
        if (hasOtlp)
        {
            // ASP.NET Core's instrumentation reads the caller's headers a second time, with OpenTelemetry's propagator. An empty one reads nothing.
            Sdk.SetDefaultTextMapPropagator(new CompositeTextMapPropagator([]));

            // Log lines carry the trace id and span id. OTEL_TRACES_SAMPLER chooses the sampler. By default all requests are sampled: no span has a parent from
            // outside that could decide otherwise.
            telemetry
                .WithTracing(tracing => tracing
                    .AddAspNetCoreInstrumentation()
                    .AddSource("Yarp.ReverseProxy", "System.Net.Http"))
                .WithLogging(configureBuilder: null, logging => logging.IncludeFormattedMessage = true)
                .UseOtlpExporter();
        }

        return services;
    }

    // Null: OpenTelemetry's defaults. Only for instruments with models and agents, because memory for all series is taken at once. The bounds of histograms
    // stay those of the instrument.
    private static MetricStreamConfiguration? StreamOf(Instrument instrument) =>
        instrument.Meter.Name == MeterName && (instrument.Name == "cencori.edge.cost" || instrument.Name.StartsWith("gen_ai.", StringComparison.Ordinal))
            ? new MetricStreamConfiguration { CardinalityLimit = MaxSeries }
            : null;

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
