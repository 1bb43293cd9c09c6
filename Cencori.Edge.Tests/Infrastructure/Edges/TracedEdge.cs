using Microsoft.AspNetCore.Builder;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>An edge with tracing and Prometheus metrics enabled.</summary>
public sealed class TracedEdge : RespondingEdge
{
    public SpanRecorder Spans { get; } = new();

    protected override IEnumerable<string> Settings => [$"{SpanRecorder.Switch}=http://127.0.0.1:1", "Telemetry:Prometheus:Enabled=true"];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Spans.Dispose();
    }

    protected override void Configure(WebApplicationBuilder builder) => Spans.AddTo(builder);
}
