using System.Text.Json.Nodes;
using Cencori.Edge.Policies;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Cencori.Edge.Tests.Policies.Webhooks;

/// <summary>Delivery of events to receivers that are slow, unreachable or flooded. Runs alone: a receiver has five seconds of real
/// time to respond, which a machine busy with other tests may exceed.</summary>
[Collection(nameof(Alone))]
public sealed class BlockDeliveryTests(BlockDeliveryTests.Scene at) : IClassFixture<BlockDeliveryTests.Scene>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_flood_of_blocks_sends_ten_events_a_second_and_the_next_event_counts_the_rest()
    {
        const int Flood = 500;
        await using var scene = await WebhookScene.CreateAsync(at);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            for (var i = 0; i < Flood / 10; i++)
            {
                await scene.BlockAsync();
            }
        }));
        for (var i = 0; i < BlockQueue.MaxPerSecond; i++)
        {
            await scene.NextAsync();
        }

        at.Clock.Advance(Second);
        await scene.BlockAsync();

        // Callers receive their response a moment before the request is complete.
        await Eventually.IsTrueAsync(() => scene.Receiver.Requests.Sum(request => 1 + Suppressed(JsonNode.Parse(request.BodyText)!)) == Flood + 1);
        Assert.InRange(scene.Receiver.Requests.Count, BlockQueue.MaxPerSecond + 1, 2 * BlockQueue.MaxPerSecond);
    }

    [Fact]
    public async Task A_hanging_receiver_delays_neither_requests_nor_events_of_another_project()
    {
        var open = new TaskCompletionSource();
        await using var slow = await WebhookScene.CreateAsync(at);
        await using var other = await WebhookScene.CreateAsync(at);
        slow.Receiver.Respond(async (_, response) =>
        {
            await response.HoldAsync(open.Task);
            await response.JsonAsync(200, "{}");
        });
        await slow.BlockAsync();
        await slow.Receiver.NextRequestAsync();
        for (var i = 0; i < 4; i++)
        {
            await slow.BlockAsync();
            await other.BlockAsync();
            await other.NextAsync();
        }

        Assert.Single(slow.Receiver.Requests);
        open.SetResult();
        await Eventually.IsTrueAsync(() =>
        {
            // On a busy machine the first attempt may time out; the event is then sent again.
            at.Clock.Advance(Second);
            return slow.Receiver.Requests.Select(request => (string)JsonNode.Parse(request.BodyText)!["id"]!).Distinct().Count() == 5;
        });
    }

    [Fact]
    public async Task A_failed_event_is_tried_three_times_and_the_next_event_counts_the_missed_ones()
    {
        using var counted = new MetricCollector<long>(at.Edge.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), EdgeTelemetry.MeterName, BlockEvents.DeliveriesName);
        await using var scene = await WebhookScene.CreateAsync(at);
        await scene.SetAsync(scene.Url + "?token=of-the-query", "", WebhookScene.Rules);
        scene.Receiver.Respond((_, response) => response.JsonAsync(500, "{}"));
        await scene.BlockAsync();
        await scene.BlockAsync();
        await Eventually.IsTrueAsync(() =>
        {
            at.Clock.Advance(Second);
            return scene.Receiver.Requests.Count == 6 && counted.GetMeasurementSnapshot().Count(one => (string?)one.Tags["outcome"] == "failed") >= 2;
        });
        Assert.Equal(2, scene.Receiver.Requests.Select(request => (string)JsonNode.Parse(request.BodyText)!["id"]!).Distinct().Count());
        var line = Assert.Single(at.Edge.Logs.Lines, line => line.EventName == "BlockEventNotDelivered" && line.Text.Contains(scene.Project, StringComparison.Ordinal));
        Assert.Contains("The webhook responded with 500.", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(at.Edge.Logs.Lines, line => line.EventName?.StartsWith("BlockEvent", StringComparison.Ordinal) == true && (line.Text.Contains("of-the-query", StringComparison.Ordinal) || line.Text.Contains(WebhookScene.Secret, StringComparison.Ordinal)));

        scene.Receiver.Respond((_, response) => response.JsonAsync(200, "{}"));
        at.Clock.Advance(Second);
        await scene.BlockAsync();
        await Eventually.IsTrueAsync(() => scene.Receiver.Requests.Count == 7);
        Assert.Equal(2, Suppressed(JsonNode.Parse(scene.Receiver.Requests[^1].BodyText)!));
        await Eventually.IsTrueAsync(() => counted.GetMeasurementSnapshot().Any(one => (string?)one.Tags["outcome"] == "delivered"));
    }

    [Fact]
    public async Task An_address_that_projects_may_not_use_is_not_connected_to()
    {
        await using var closed = new ClosedEdge();
        await closed.InitializeAsync();
        await using var scene = await WebhookScene.CreateAsync(closed);
        await scene.BlockAsync();
        await Eventually.IsTrueAsync(() => closed.Edge.Logs.Lines.Any(line => line.EventName == "BlockEventNotDelivered" && line.Text.Contains("Egress:AllowedNetworks", StringComparison.Ordinal)));
        Assert.Empty(scene.Receiver.Requests);
    }

    [Fact]
    [Trait(SlowestTests.Trait, "An edge stops, and briefly waits for a receiver that does not respond.")]
    public async Task A_stopping_edge_sends_what_it_can_and_does_not_wait()
    {
        await using var ending = new Scene();
        await ending.InitializeAsync();
        await using var silent = await WebhookScene.CreateAsync(ending);
        await using var good = await WebhookScene.CreateAsync(ending);
        silent.Receiver.Respond((_, response) => response.WaitForAbortAsync());
        for (var i = 0; i < 3; i++)
        {
            await silent.BlockAsync();
            await good.BlockAsync();
        }

        await ending.Edge.RowsOfAsync(good.Project, 3);
        await silent.Receiver.NextRequestAsync();
        await ending.Edge.Services.GetRequiredService<BlockEvents>().StopAsync(CancellationToken.None);
        Assert.Equal(3, good.Receiver.Requests.Count);
        Assert.Single(silent.Receiver.Requests);
        Assert.Contains(ending.Edge.Logs.Lines, line => line.EventName == "BlockEventDropped" && line.Text.Contains("the edge is stopping", StringComparison.Ordinal));
    }

    private static long Suppressed(JsonNode reported) => (long?)reported["suppressed"] ?? 0;

    public sealed class Scene : ClockedEdge;

    private sealed class ClosedEdge : ScriptedEdge
    {
        protected override IEnumerable<string> Settings => ["Egress:AllowedNetworks="];
    }
}
