using System.Diagnostics;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Cencori.Edge.Tests.Telemetry;

/// <summary>Which requests are traced. Alone, because an edge of another test could start the spans.</summary>
[Collection(nameof(Alone))]
public sealed class SamplerTests
{
    [Theory]
    [InlineData("OTEL_SERVICE_NAME=edge", true)]
    [InlineData("OTEL_TRACES_SAMPLER=always_off", false)]
    public async Task The_variable_of_OpenTelemetry_decides_and_the_caller_does_not(string setting, bool isTraced)
    {
        using var started = new StartRecorder();
        await using var edge = await RunningEdge.StartAsync(
            [$"{SpanRecorder.Switch}=http://127.0.0.1:1", setting], builder => builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddProcessor(started)));
        using var response = await edge.SendAsync(
            edge.Welcome.TestKey, HttpMethod.Get, "/v1/models", null, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(isTraced, started.HasServerSpan);
    }

    // A span starts before its request is answered, so nothing has to be waited for.
    private sealed class StartRecorder : BaseProcessor<Activity>
    {
        private volatile bool _hasServerSpan;

        public bool HasServerSpan => _hasServerSpan;

        public override void OnStart(Activity data) => _hasServerSpan |= data.Kind == ActivityKind.Server;
    }
}
