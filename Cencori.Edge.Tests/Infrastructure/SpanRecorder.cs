using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Records the spans of all sources that an edge exports when tracing is enabled with <see cref="Switch"/>.</summary>
/// <remarks>Sources belong to the process, so spans of edges of other tests may be included.</remarks>
public sealed class SpanRecorder : BaseProcessor<Activity>
{
    /// <summary>The setting that switches tracing on.</summary>
    public const string Switch = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly ConcurrentQueue<Activity> _spans = new();

    public IReadOnlyList<Activity> Spans => [.. _spans];

    public void AddTo(WebApplicationBuilder builder) => builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing
        .AddSource("*")
        .AddProcessor(this));

    public override void OnEnd(Activity data) => _spans.Enqueue(data);

    /// <summary>All data of a span, as text.</summary>
    public static string Describe(Activity span) => string.Join('\n', [
        span.Source.Name,
        span.DisplayName,
        span.StatusDescription ?? "",
        span.TraceStateString ?? "",
        .. span.Baggage.Select(item => $"{item.Key}={item.Value}"),
        .. span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"),
        .. span.Events.SelectMany(happened => happened.Tags.Select(tag => $"{happened.Name} {tag.Key}={tag.Value}")),
    ]);
}
