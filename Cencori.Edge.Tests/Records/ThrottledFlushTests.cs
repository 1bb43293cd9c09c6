using Cencori.Edge.Records;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Metrics;

namespace Cencori.Edge.Tests.Records;

/// <summary>Polling readers see finished requests, and together force one flush a second.</summary>
public sealed class ThrottledFlushTests(MetricsApiTests.QuietEdge fixture) : IClassFixture<MetricsApiTests.QuietEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;

    private ThrottledFlush NewFlush => new(_edge.Records());

    [Fact]
    public async Task The_first_caller_sees_all_finished_requests()
    {
        var project = Guid.NewGuid().ToString("N");
        _edge.Records().Write(Some.Record(project, id: "one"));
        var flush = NewFlush;

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => flush.EnsureAsync(CancellationToken.None)));

        Assert.Single(await _edge.RowsAsync(project));
    }

    [Fact]
    public async Task A_further_flush_is_forced_only_after_a_second()
    {
        var project = Guid.NewGuid().ToString("N");
        var flush = NewFlush;
        var began = TimeProvider.System.GetTimestamp();
        await flush.EnsureAsync(CancellationToken.None);
        _edge.Records().Write(Some.Record(project, id: "later"));

        // The clock of the edge stands still, so that nothing is stored by itself.
        await flush.EnsureAsync(CancellationToken.None);
        var rows = (await _edge.RowsAsync(project)).Count;
        if (TimeProvider.System.GetElapsedTime(began) < ThrottledFlush.Interval)
        {
            Assert.Equal(0, rows);
        }

        await Eventually.IsTrueAsync(async () =>
        {
            await flush.EnsureAsync(CancellationToken.None);
            return (await _edge.RowsAsync(project)).Count == 1;
        });
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= ThrottledFlush.Interval);
    }

    [Fact]
    public async Task A_cancelled_caller_does_not_cancel_the_others()
    {
        var project = Guid.NewGuid().ToString("N");
        _edge.Records().Write(Some.Record(project, id: "one"));
        var flush = NewFlush;
        using var left = new CancellationTokenSource();
        await left.CancelAsync();

        var leaving = flush.EnsureAsync(left.Token);
        await flush.EnsureAsync(CancellationToken.None);

        Assert.Single(await _edge.RowsAsync(project));
        await Record.ExceptionAsync(() => leaving);
    }
}
