using System.Diagnostics.Metrics;
using Cencori.Edge.Egress;
using Cencori.Edge.Policies;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Policies.Webhooks;

/// <summary>What happens to events when the queue is full.</summary>
public sealed class BlockQueueTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task The_queue_is_limited_for_each_project_and_in_total()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var logs = new LogRecorder();
        using var loggers = new LoggerFactory([logs]);
        using var webhook = new SignedWebhook(new EgressGuard([]), _clock);
        using var events = new BlockEvents(webhook, meters, _clock, loggers.CreateLogger<BlockEvents>());
        using var counted = new MetricCollector<long>(meters, EdgeTelemetry.MeterName, BlockEvents.DeliveriesName);

        // The service is not started, so no event leaves the queue. The queue accepts ten events per second and project.
        for (var second = 0; second < 11; second++)
        {
            Write(events, "first", BlockQueue.MaxPerSecond);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(11 * BlockQueue.MaxPerSecond - BlockQueue.Max, Dropped());
        for (var project = 0; project < BlockEvents.MaxWaiting; project++)
        {
            Write(events, $"project {project}", 1);
        }

        Assert.Equal(11 * BlockQueue.MaxPerSecond, Dropped());
        Assert.Single(logs.Lines, line => line.Text.Contains("Project first:", StringComparison.Ordinal));

        // Stops the service as soon as it has started, so it cannot deliver the events in the queue.
        await events.StartAsync(CancellationToken.None);
        await events.StopAsync(CancellationToken.None);
        Assert.Equal(BlockEvents.MaxWaiting, counted.GetMeasurementSnapshot().Count(one => (string?)one.Tags["outcome"] is "failed") + Dropped() - 11 * BlockQueue.MaxPerSecond);
        Write(events, "late", 1);
        Assert.Contains(logs.Lines, line => line.Text.Contains("Project late:", StringComparison.Ordinal) && line.Text.Contains("the edge is stopping", StringComparison.Ordinal));

        int Dropped() => counted.GetMeasurementSnapshot().Count(one => (string?)one.Tags["outcome"] is "dropped");
    }

    private void Write(BlockEvents events, string project, int count)
    {
        for (var i = 0; i < count; i++)
        {
            events.Write(new PolicyWebhook(new Uri("http://127.0.0.1:9/"), null, IsSecretLost: false), new BlockEvent
            {
                At = _clock.GetUtcNow(), ProjectId = project, RequestId = "req_1", KeyId = "key_1", Environment = "test", Endpoint = "POST /v1/chat/completions", Model = null, Stage = "input", Reasons = [], Rules = [],
            });
        }
    }
}
