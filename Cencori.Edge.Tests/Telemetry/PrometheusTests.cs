using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Tests.Telemetry;

public sealed class PrometheusTests
{
    [Fact]
    public async Task By_default_no_metrics_are_served()
    {
        await using var edge = await RunningEdge.StartAsync();
        using var response = await edge.SendAsync(null, HttpMethod.Get, "/metrics");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_separate_port_serves_metrics_and_nothing_else()
    {
        var port = LoopbackPort.Next();
        await using var edge = await RunningEdge.StartAsync([$"Telemetry:Prometheus:Port={port}", "Telemetry:Prometheus:Enabled=true"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        using var metrics = await http.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
        foreach (var path in (string[])["/", "/health/live", "/v1/models", "/api/projects"])
        {
            using var elsewhere = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        }

        using var keyed = await edge.SendAsync(edge.Welcome.TestKey, HttpMethod.Get, "/metrics");
        Assert.Equal(HttpStatusCode.NotFound, keyed.StatusCode);
    }

    [Fact]
    public async Task Metrics_can_be_served_on_the_data_planes_port()
    {
        await using var edge = await RunningEdge.StartAsync(["Telemetry:Prometheus:Enabled=true"]);
        edge.Services.GetRequiredService<RequestMetrics>().Record(SomeRecord.Of());

        await Eventually.IsTrueAsync(async () => (await edge.Http.GetStringAsync("/metrics")).Contains("\ncencori_edge_requests_total{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_known_agents_have_a_series_for_each_of_several_providers_and_histograms_keep_their_bounds()
    {
        await using var edge = await RunningEdge.StartAsync(["Telemetry:Prometheus:Enabled=true"]);
        var metrics = edge.Services.GetRequiredService<RequestMetrics>();
        metrics.Record(SomeRecord.Of());
        for (var number = 0; number < AgentLabels.Max * 5; number++)
        {
            // A shadow without tokens has only a cost, which keeps the page short.
            var record = SomeRecord.Of(provider: $"provider-{number / AgentLabels.Max}", outcome: RequestOutcome.Shadow, completionTokens: 0);
            (record.AgentId, record.PromptTokens, record.CostUsd) = ($"agent_{number % AgentLabels.Max}", 0, 0.001m);
            metrics.Record(record);
        }

        var page = "";
        await Eventually.IsTrueAsync(async () => (page = await edge.Http.GetStringAsync("/metrics")).Contains("provider-4", StringComparison.Ordinal));
        Assert.Equal(AgentLabels.Max * 5, page.Split('\n').Count(line => line.StartsWith("cencori_edge_cost", StringComparison.Ordinal) && line.Contains("agent_", StringComparison.Ordinal)));
        Assert.DoesNotContain("otel_metric_overflow", page, StringComparison.Ordinal);
        Assert.Contains("le=\"81.92\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Port=0")]
    [InlineData("Port=65536")]
    [InlineData("Address=metrics.example.com")]
    public async Task A_wrong_setting_stops_the_start(string setting)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningEdge.StartAsync([$"Telemetry:Prometheus:{setting}"]));
        Assert.Contains("Telemetry:Prometheus:Port", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_stops_the_start_and_is_named()
    {
        await using var first = await RunningEdge.StartAsync();
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningEdge.StartAsync([$"Telemetry:Prometheus:Port={first.Address.Port}"]));
        Assert.StartsWith("Telemetry:Prometheus:Port: ", failure.Message, StringComparison.Ordinal);
    }
}
