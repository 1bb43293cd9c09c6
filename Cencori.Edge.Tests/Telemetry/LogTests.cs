using System.Collections.Concurrent;
using System.Diagnostics;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Cencori.Edge.Tests.Telemetry;

public sealed class LogTests
{
    [Fact]
    public async Task A_log_line_of_a_request_is_exported_with_its_trace_id()
    {
        using var lines = new LineRecorder();
        await using var provider = new ScriptedProvider();
        await using var edge = await RunningEdge.StartAsync(
            [RunningEdge.Destination("openai", provider.Address), $"{SpanRecorder.Switch}=http://127.0.0.1:1"],
            builder => builder.Services.AddOpenTelemetry().WithLogging(logging => logging.AddProcessor(lines)));
        provider.Enqueue((_, response) => response.JsonAsync(401, "{}"));
        using var edgeResponse = await edge.PostAsync(await edge.CreateOpenAIKeyAsync(), "/v1/chat/completions", ScriptedEdge.Chat);

        var line = Assert.Single(lines.Kept, line => line.Name == "CredentialRefused");
        Assert.NotEqual(default, line.Trace);
        Assert.StartsWith("Provider openai answered 401 ", line.Text, StringComparison.Ordinal);
    }

    private sealed class LineRecorder : BaseProcessor<LogRecord>
    {
        private readonly ConcurrentQueue<(string? Name, ActivityTraceId Trace, string? Text)> _kept = new();

        public IReadOnlyList<(string? Name, ActivityTraceId Trace, string? Text)> Kept => [.. _kept];

        // The exporter reuses the record, so its values are copied.
        public override void OnEnd(LogRecord data) => _kept.Enqueue((data.EventId.Name, data.TraceId, data.FormattedMessage));
    }
}
