using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Telemetry;

public sealed partial class DashboardTests
{
    // Metrics that exist only with Redis, configuration changes, written or dropped records, or several targets.
    private static readonly string[] NotAlone =
    [
        "cencori_edge_configuration_reloads_total",
        "cencori_edge_rate_limiter_redis_available", "cencori_edge_rate_limiter_redis_calls_total",
        "cencori_edge_records_pending", "cencori_edge_records_spool_bytes", "cencori_edge_records_written_total", "cencori_edge_records_dropped_total",
        "cencori_edge_targets", "cencori_edge_fallbacks_total", "cencori_edge_retry_budget_refused_total",
    ];

    [Fact]
    public async Task Every_metric_in_the_Grafana_dashboard_is_served_by_an_edge()
    {
        var port = LoopbackPort.Next();
        await using var edge = await RunningEdge.StartAsync([$"Telemetry:Prometheus:Port={port}"]);
        using var chat = await edge.PostAsync(edge.Welcome.TestKey, "/v1/chat/completions", ScriptedEdge.Chat);
        Assert.Equal(200, (int)chat.StatusCode);
        edge.Services.GetRequiredService<RequestMetrics>().Record(SomeRecord.Of());

        var requested = Asked();
        Assert.True(requested.Count > 15);
        using var http = new HttpClient();
        var missing = requested;
        var started = TimeProvider.System.GetTimestamp();

        // Gauges are collected asynchronously. Ends before the timeout, so that the test names what is missing.
        await Eventually.IsTrueAsync(async () =>
        {
            var served = Served().Matches(await http.GetStringAsync($"http://127.0.0.1:{port}/metrics")).Select(match => match.Value);
            missing = requested.Except(served).Except(NotAlone).ToHashSet();
            return missing.Count == 0 || TimeProvider.System.GetElapsedTime(started) > Eventually.Timeout / 2;
        });

        Assert.Empty(missing);
    }

    private static HashSet<string> Asked()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Cencori.Edge.sln")))
        {
            directory = directory.Parent!;
        }

        var dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(directory.FullName, "bench", "grafana", "cencori-edge.json")))!;
        var expressions = dashboard["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => (string)target!["expr"]!);
        return [.. expressions.SelectMany(expression => Metric().Matches(expression)).Select(match => match.Value)];
    }

    // In PromQL only a metric's name is followed by a selector.
    [GeneratedRegex(@"\w+(?=\{)")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^[a-z]\w+", RegexOptions.Multiline)]
    private static partial Regex Served();
}
