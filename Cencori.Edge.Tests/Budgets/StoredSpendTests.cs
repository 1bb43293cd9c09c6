using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Budgets;

public sealed class StoredSpendTests
{
    private static readonly DateTimeOffset Month = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory, OnSqlite, OnPostgres]
    public async Task The_spend_of_a_month_is_the_sum_of_its_records_for_the_project_and_each_key(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var history = edge.Services.GetRequiredService<ISpendHistory>();
        Assert.Equal(0, await history.SpentAsync("prj_1", null, Month, Month.AddMonths(1)));
        Assert.Equal(0, await history.SpentAsync("prj_1", "key_1", Month, Month.AddMonths(1)));

        edge.Records().Write(Some.Record(at: Month.AddSeconds(-1), cost: 1_000));
        edge.Records().Write(Some.Record(at: Month, cost: 1.25m));
        edge.Records().Write(Some.Record(at: Month.AddDays(3), cost: 0.000_000_000_001m, environment: KeyEnvironment.Test));
        edge.Records().Write(Some.Record(at: Month.AddDays(3), cost: null));
        edge.Records().Write(Some.Record("prj_2", at: Month.AddDays(3), cost: 7));
        await edge.Records().FlushAsync();

        Assert.Equal(1.250_000_000_001m, await history.SpentAsync("prj_1", null, Month, Month.AddMonths(1)));
        Assert.Equal(1.250_000_000_001m, await history.SpentAsync("prj_1", "key_1", Month, Month.AddMonths(1)));
        Assert.Equal(0, await history.SpentAsync("prj_1", "key_2", Month, Month.AddMonths(1)));
        Assert.Equal(1_000, await history.SpentAsync("prj_1", null, Month.AddMonths(-1), Month));
        Assert.Equal(1_000, await history.SpentAsync("prj_1", "key_1", Month.AddMonths(-1), Month));
        Assert.Equal(7, await history.SpentAsync("prj_2", null, Month, Month.AddMonths(1)));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_spend_of_keys_adds_up_over_batches_and_edges_with_each_record_once(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var contexts = edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        var batch = Enumerable.Range(1, 30).Select(number => new PendingRecord(Some.Record(at: Month.AddDays(number - 1), cost: number, key: $"key_{number % 3}"), number, HasRow: true)).ToArray();
        using var first = new RecordStore(contexts, TimeProvider.System);
        using var second = new RecordStore(contexts, TimeProvider.System);
        await first.WriteAsync(first.WriterId, batch.AsMemory(0, 10), default);
        await first.WriteAsync(first.WriterId, batch, default);
        await first.WriteAsync(first.WriterId, batch, default);
        await Task.WhenAll(second.WriteAsync(7, batch, default), first.WriteAsync(8, batch, default));

        var history = edge.Services.GetRequiredService<ISpendHistory>();
        for (var key = 0; key < 3; key++)
        {
            Assert.Equal(3 * Enumerable.Range(1, 30).Where(number => number % 3 == key).Sum(), await history.SpentAsync("prj_1", $"key_{key}", Month, Month.AddMonths(1)));
        }

        Assert.Equal(6, await edge.ReadAsync(database => database.KeySpend.CountAsync()));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_spend_of_a_key_is_clamped_to_what_can_be_stored(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        for (var batch = 0; batch < 3; batch++)
        {
            for (var number = 0; number < 6; number++)
            {
                edge.Records().Write(Some.Record(at: Month, cost: 1_000_000));
            }

            await edge.Records().FlushAsync();
        }

        Assert.Equal(9_223_372.036_854_775_807m, await edge.Services.GetRequiredService<ISpendHistory>().SpentAsync("prj_1", "key_1", Month, Month.AddMonths(1)));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Months_that_no_budget_needs_are_deleted(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var now = Some.Now;
        foreach (var months in (int[])[0, 1, 2, 14])
        {
            edge.Records().Write(Some.Record(at: now.AddMonths(-months)));
        }

        await edge.Records().FlushAsync();
        await edge.Services.GetRequiredService<Retention>().DeleteAsync(default);

        var month = BillingMonth.Of(now).Number;
        Assert.Equal([month - 1, month], (await edge.ReadAsync(database => database.KeySpend.ToListAsync())).Select(row => row.Month).Order());
    }
}
