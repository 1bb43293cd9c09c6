using System.Diagnostics.Metrics;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class RateLimitMetricsTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task A_decision_is_counted_once_with_the_limit_that_refused()
    {
        var (_, key) = await openai.CreateAsync(new { requests_per_minute = 1 });
        using var decisions = new MetricCollector<long>(openai.Edge.Services.GetRequiredService<IMeterFactory>(), EdgeTelemetry.MeterName, RateLimitMetrics.DecisionsName);

        for (var i = 0; i < 3; i++)
        {
            using var reply = await openai.ChatAsync(key);
        }

        Assert.Equal(
            ["outcome=acquired", "limit=requests outcome=refused", "limit=requests outcome=refused"],
            decisions.GetMeasurementSnapshot().Select(decision => string.Join(' ', decision.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))));
    }
}
