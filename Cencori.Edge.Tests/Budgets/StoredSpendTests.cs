using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

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
        await edge.StoredAsync();

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

            await edge.StoredAsync();
        }

        Assert.Equal(9_223_372.036_854_775_807m, await edge.Services.GetRequiredService<ISpendHistory>().SpentAsync("prj_1", "key_1", Month, Month.AddMonths(1)));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Reservations_of_background_work_count_in_its_month_and_are_released_a_minute_after_its_end(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var contexts = edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        var (project, other) = (await edge.CreateProjectAsync(), await edge.CreateProjectAsync());
        var now = Month.AddDays(9);
        edge.Records().Write(Some.Record(project, at: Month, cost: 1_000));
        await edge.StoredAsync();
        await using (var database = await contexts.CreateDbContextAsync())
        {
            database.OwnedObjects.AddRange(
                Work(project, 1, Month),
                Work(project, 2, Month.AddDays(1), key: "key_2"),
                Work(project, 4, Month.AddDays(2), closedAt: now.AddMinutes(-1)),
                Work(project, 8, Month.AddDays(2), closedAt: now.AddMinutes(-1).AddMilliseconds(-1)),
                Work(project, null, Month.AddDays(2)),
                Work(project, 16, Month.AddMilliseconds(-1)),
                Work(project, 32, Month.AddMonths(1)),
                Work(other, 64, Month.AddDays(2)));
            await database.SaveChangesAsync();
        }

        var history = new StoredSpend(contexts, new FakeTimeProvider(now));
        Task<SpendSums> ReadAsync(int month, string? key = null) => history.ReadAsync(project, key, Month.AddMonths(month), Month.AddMonths(month + 1));
        Assert.Equal(new(1_015, 8), await ReadAsync(0));
        Assert.Equal(new(1_013, 8), await ReadAsync(0, "key_1"));
        Assert.Equal(new(2, 0), await ReadAsync(0, "key_2"));
        Assert.Equal(new(16, 0), await ReadAsync(-1));
        Assert.Equal(new(32, 0), await ReadAsync(1));
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

        await edge.StoredAsync();

        // The clock of the edge may reach the next month meanwhile.
        using var retention = ActivatorUtilities.CreateInstance<Retention>(edge.Services, new FakeTimeProvider(now));
        await retention.DeleteAsync(default);

        var month = BillingMonth.Of(now).Number;
        Assert.Equal([month - 1, month], (await edge.ReadAsync(database => database.KeySpend.ToListAsync())).Select(row => row.Month).Order());
    }

    private static OwnedObjectRecord Work(string project, int? usd, DateTimeOffset createdAt, string key = "key_1", DateTimeOffset? closedAt = null) => new()
    {
        ProjectId = project,
        Provider = "openai",
        ObjectId = $"batch_{usd}",
        KeyId = key,
        Environment = KeyEnvironment.Production,
        RequestId = "req_1",
        CreatedAt = createdAt,
        Picodollars = usd * 1_000_000_000_000L,
        ClosedAt = closedAt,
    };
}
