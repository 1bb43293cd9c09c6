using System.Diagnostics.Metrics;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Cencori.Edge.Tests.Exchanges;

public sealed class RequestMetricsTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    private readonly RequestMetrics _metrics = shipped.Edge.Services.GetRequiredService<RequestMetrics>();

    [Fact]
    public void A_streamed_chat_is_measured_as_the_semantic_conventions_require()
    {
        using var tokens = Collect<long>(RequestMetrics.TokensName);
        using var duration = Collect<double>(RequestMetrics.DurationName);
        using var firstToken = Collect<double>(RequestMetrics.FirstTokenName);
        using var perToken = Collect<double>(RequestMetrics.PerTokenName);

        _metrics.Record(SomeRecord.Of());

        const string Call = "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o gen_ai.response.model=gpt-4o";
        Assert.Equal([(7, $"{Call} gen_ai.token.type=input"), (11, $"{Call} gen_ai.token.type=output")], Read(tokens));
        Assert.Equal([(2.5, Call)], Read(duration));
        Assert.Equal([(0.5, Call)], Read(firstToken));
        Assert.Equal([(0.2, Call)], Read(perToken));
    }

    [Fact]
    public void An_agents_request_has_the_agent_label_and_the_number_of_agent_labels_is_bounded()
    {
        using var duration = Collect<double>(RequestMetrics.DurationName);
        var record = SomeRecord.Of();
        record.AgentId = "agt_1";
        _metrics.Record(record);
        Assert.Contains("gen_ai.agent.id=agt_1", Assert.Single(Read(duration)).Tags, StringComparison.Ordinal);

        var labels = new AgentLabels();
        Assert.Equal(AgentLabels.Max + 1, Enumerable.Range(0, 2 * AgentLabels.Max).Select(number => labels.Of($"agt_{number}")).Distinct().Count());
        Assert.Equal("agt_0", labels.Of("agt_0"));
    }

    [Fact]
    public void A_WebSocket_has_a_duration_only_if_it_failed()
    {
        using var duration = Collect<double>(RequestMetrics.DurationName);
        _metrics.Record(SomeRecord.Of(isStream: false, status: 101));
        _metrics.Record(SomeRecord.Of(isStream: false, status: 101, outcome: RequestOutcome.Error, errorCode: "PROVIDER_TIMEOUT"));

        Assert.Contains("error.type=PROVIDER_TIMEOUT", Assert.Single(Read(duration)).Tags, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_request_counts_and_reports_the_edges_overhead()
    {
        using var requests = Collect<long>(RequestMetrics.RequestsName);
        using var overhead = Collect<double>(RequestMetrics.OverheadName);

        _metrics.Record(SomeRecord.Of());
        _metrics.Record(SomeRecord.Of(provider: null, status: 429, outcome: RequestOutcome.RateLimited, errorCode: "RATE_LIMIT_EXCEEDED"));

        Assert.Equal([(1, "outcome=success status_class=2xx"), (1, "outcome=rate_limited status_class=4xx")], Read(requests));
        Assert.Equal([(0.0004, ""), (0.0004, "")], Read(overhead));
    }

    [Fact]
    public void A_fallback_counts_by_its_reason()
    {
        using var fallbacks = Collect<long>(RequestMetrics.FallbacksName);
        _metrics.RecordFallback("openai", "rate_limited", "fast");
        Assert.Equal([(1, "gen_ai.provider.name=openai reason=rate_limited route=fast")], Read(fallbacks));
    }

    [Fact]
    public void A_request_without_a_provider_has_no_gen_ai_metrics()
    {
        using var duration = Collect<double>(RequestMetrics.DurationName);
        _metrics.Record(SomeRecord.Of(provider: null, status: 404, outcome: RequestOutcome.Error, errorCode: "MODEL_NOT_FOUND"));
        Assert.Empty(Read(duration));
    }

    [Fact]
    public void A_failed_request_has_an_error_type_and_no_time_per_token()
    {
        using var duration = Collect<double>(RequestMetrics.DurationName);
        using var perToken = Collect<double>(RequestMetrics.PerTokenName);
        _metrics.Record(SomeRecord.Of(outcome: RequestOutcome.Error, errorCode: "PROVIDER_TIMEOUT"));

        Assert.StartsWith("error.type=PROVIDER_TIMEOUT ", Assert.Single(Read(duration)).Tags, StringComparison.Ordinal);
        Assert.Empty(Read(perToken));
    }

    [Fact]
    public void A_response_without_streaming_has_no_time_to_first_token()
    {
        using var firstToken = Collect<double>(RequestMetrics.FirstTokenName);
        _metrics.Record(SomeRecord.Of(isStream: false));
        Assert.Empty(Read(firstToken));
    }

    [Fact]
    public void Ten_thousand_invented_model_names_share_one_label()
    {
        // field trap 23
        using var duration = Collect<double>(RequestMetrics.DurationName);
        for (var i = 0; i < 10_000; i++)
        {
            _metrics.Record(SomeRecord.Of($"gpt-made-up-{i}"));
        }

        var tags = Assert.Single(Read(duration).Select(measured => measured.Tags).Distinct());
        Assert.Contains("gen_ai.request.model=_OTHER gen_ai.response.model=_OTHER", tags, StringComparison.Ordinal);
    }

    private MetricCollector<T> Collect<T>(string instrument)
        where T : struct => new(shipped.Edge.Services.GetRequiredService<IMeterFactory>(), EdgeTelemetry.MeterName, instrument);

    private static List<(T Value, string Tags)> Read<T>(MetricCollector<T> collector)
        where T : struct =>
        [.. collector.GetMeasurementSnapshot().Select(measured => (measured.Value, string.Join(' ', measured.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))))];
}
