using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;

namespace Cencori.Edge.Tests.Routing;

/// <summary>How many targets are in which state, without the name of any target.</summary>
public sealed class TargetMetersTests
{
    [Fact]
    public async Task Each_provider_reports_its_targets_by_state()
    {
        await using var fleet = new RouteFleet();
        await fleet.InitializeAsync();
        var (project, key, accounts) = await fleet.CreateProvidersAsync(Refuse(429, ("Retry-After", "60")), Refuse(500), RespondOk());
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(Target(0)), Group(Target(1)), Group(Target(2))) });
        using var targets = Collect<int>(fleet, TargetMeters.TargetsName);
        Assert.Empty(Read(targets));

        for (var request = 0; request < Cooling.FailuresToOpen; request++)
        {
            (await fleet.ChatAsync(key, ScriptedEdge.ChatOf("fast"))).Dispose();
        }

        Assert.Equal(["groq open 1", "mistral_ai closed 1", "openai cooling 1"], Read(targets));

        // With several credentials and no route, one target stands for all models.
        var (_, other, _) = await fleet.CreateAsync(Refuse(429, ("retry-after-ms", "3000")), RespondOk());
        (await fleet.ChatAsync(other)).Dispose();

        // The cool-down of groq, at least four seconds, may be over on a busy machine.
        Assert.Equal(["mistral_ai closed 1", "openai closed 1", "openai cooling 2"], OthersThanGroq());
        await Eventually.IsTrueAsync(() => Read(targets).Contains("openai half_open 1"));
        Assert.Equal(["mistral_ai closed 1", "openai closed 1", "openai cooling 1", "openai half_open 1"], OthersThanGroq());

        IEnumerable<string> OthersThanGroq() => Read(targets).Where(line => !line.StartsWith("groq", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retries_that_the_budget_refuses_are_counted()
    {
        await using var fleet = new RouteFleet();
        await fleet.InitializeAsync();
        var (_, key, _) = await fleet.CreateAsync(isRanked: false, Refuse(503), Refuse(503));
        for (var request = 0; request < 40; request++)
        {
            (await fleet.ChatAsync(key)).Dispose();
            foreach (var target in fleet.Edge.Services.GetRequiredService<TargetTable>().ListCoolDowns(static _ => true))
            {
                await fleet.Edge.Services.GetRequiredService<TargetTable>().ResetAsync(target.Target.CredentialId);
            }
        }

        using var refused = Collect<long>(fleet, TargetMeters.RefusedName);
        refused.RecordObservableInstruments();
        Assert.True(Assert.Single(refused.GetMeasurementSnapshot()).Value > 10);
    }

    private static List<string> Read(MetricCollector<int> collector)
    {
        collector.Clear();
        collector.RecordObservableInstruments();
        return [.. collector.GetMeasurementSnapshot().Where(one => one.Value > 0).Select(one => $"{one.Tags["gen_ai.provider.name"]} {one.Tags["state"]} {one.Value}").Order(StringComparer.Ordinal)];
    }

    private static MetricCollector<T> Collect<T>(RouteFleet fleet, string name)
        where T : struct => new(fleet.Edge.Services.GetRequiredService<IMeterFactory>(), EdgeTelemetry.MeterName, name);
}
