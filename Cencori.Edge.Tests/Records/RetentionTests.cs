using Cencori.Edge.Records;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Records;

public sealed class RetentionTests
{
    [Fact]
    public async Task A_step_that_fails_does_not_stop_the_steps_after_it()
    {
        var clock = new FakeTimeProvider(Some.Now);
        await using var edge = await RunningEdge.StartAsync(configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await UsageReaderTests.StoreAsync(edge, [Some.Record(at: clock.GetUtcNow().AddDays(-31))]);
        await edge.ReadAsync(database => database.Database.ExecuteSqlRawAsync("DROP TABLE request_payloads"));

        await Eventually.IsTrueAsync(async () =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return (await edge.RowsAsync()).Count == 0 && await edge.ReadAsync(database => database.UsageDays.AnyAsync()) && edge.Logs.Lines.Any(line => line.EventName == "RetentionFailed");
        });
    }

    [Fact]
    public async Task Sums_of_the_last_30_days_are_kept_when_a_month_is_shorter()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 3, 15, 10, 0, 0, TimeSpan.Zero));
        await using var edge = await RunningEdge.StartAsync(["Usage:RollupRetentionMonths=1"], builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await UsageReaderTests.StoreAsync(edge, [Some.Record(at: clock.GetUtcNow().AddDays(-30)), Some.Record(at: clock.GetUtcNow().AddDays(-32))]);

        await edge.Services.GetRequiredService<Retention>().DeleteAsync(default);

        Assert.Equal(clock.GetUtcNow().AddDays(-30).ToUnixTimeSeconds() / 3_600, Assert.Single(await edge.RollupsAsync()).Hour);
    }
}
