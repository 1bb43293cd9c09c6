using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>Which results of alerts an administrator can still see.</summary>
public sealed class AlertDeliveriesTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero));
    private readonly Contexts _contexts = new(Path.GetTempFileName());
    private AlertDeliveries _deliveries = null!;

    public async Task InitializeAsync()
    {
        _deliveries = new AlertDeliveries(_contexts, _clock);
        await using var database = _contexts.CreateDbContext();
        await database.Database.MigrateAsync();
        database.Projects.AddRange(new ProjectRecord { Id = "p", Name = "p", Slug = "p", CreatedAt = default }, new ProjectRecord { Id = "q", Name = "q", Slug = "q", CreatedAt = default });
        await database.SaveChangesAsync();
    }

    public Task DisposeAsync()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(_contexts.FileName);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_delivery_is_listed_with_its_result_under_its_budget()
    {
        await _deliveries.NoteAsync(new BudgetAlert("p", null, 50, 5, 10, "2026-11"), null);
        await _deliveries.NoteAsync(new BudgetAlert("p", null, 80, 8, 10, "2026-11"), new WebhookResult(3, 500, "The webhook responded with 500."));
        await _deliveries.NoteAsync(new BudgetAlert("p", "key_1", 80, 8, 10, "2026-11"), new WebhookResult(1, 200, null));

        var listed = await _deliveries.ListAsync("p", "", CancellationToken.None);
        Assert.Equal(
            [(80, 3, 500, "The webhook responded with 500.", 8m, 10m, "2026-11", _clock.GetUtcNow()), (50, 0, null, null, 5m, 10m, "2026-11", _clock.GetUtcNow())],
            listed.Select(row => (row.Threshold, row.Attempts, row.Status, row.Fault, row.SpendUsd, row.BudgetUsd, row.Month, row.At)));
        Assert.Equal(200, Assert.Single(await _deliveries.ListAsync("p", "key_1", CancellationToken.None)).Status);
        Assert.Empty(await _deliveries.ListAsync("q", "", CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_the_newest_are_kept_and_test_alerts_are_counted_separately(bool isTest)
    {
        await AddAsync("q", 50, 2);
        await AddAsync("p", 0, AlertDeliveries.KeptTests);
        await AddAsync("p", 50, AlertDeliveries.Kept);
        var alert = new BudgetAlert("p", null, 80, 8, 10, "2026-11") { IsTest = isTest };
        await _deliveries.NoteAsync(alert, null);
        await _deliveries.NoteAsync(alert, null);

        var listed = await _deliveries.ListAsync("p", "", CancellationToken.None);
        Assert.Equal([AlertDeliveries.KeptTests, AlertDeliveries.Kept], new[] { listed.Count(row => row.Threshold == 0), listed.Count(row => row.Threshold > 0) });
        Assert.Equal(2, (await _deliveries.ListAsync("q", "", CancellationToken.None)).Count);

        var alike = listed.Where(row => (row.Threshold == 0) == isTest).ToList();
        Assert.All(alike.Take(2), row => Assert.Equal((isTest ? 0 : 80, _clock.GetUtcNow()), (row.Threshold, row.At)));
        Assert.All(alike.Skip(2), row => Assert.Equal(DateTimeOffset.UnixEpoch, row.At));
    }

    private async Task AddAsync(string project, int threshold, int count)
    {
        await using var database = _contexts.CreateDbContext();
        database.AlertDeliveries.AddRange(Enumerable.Range(0, count).Select(_ => new AlertDeliveryRecord
        {
            ProjectId = project, KeyId = "", Month = "2026-10", Threshold = threshold, SpendUsd = 5, BudgetUsd = 10, At = DateTimeOffset.UnixEpoch, Attempts = 1, Status = 200,
        }));
        await database.SaveChangesAsync();
    }

    private sealed class Contexts(string file) : IDbContextFactory<EdgeDbContext>
    {
        public string FileName => file;

        public EdgeDbContext CreateDbContext() => new SqliteEdgeDbContext(new DbContextOptionsBuilder<SqliteEdgeDbContext>().UseSqlite($"Data Source={file}").Options);
    }
}
