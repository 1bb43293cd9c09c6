using Cencori.Edge.Admin;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin.Concurrency;

/// <summary>Retries after a conflict that the database reports.</summary>
public sealed class ChangesTests
{
    private const int Busy = 5;
    private const int Constraint = 19;
    private const int UniqueConstraint = 2067;

    [Theory]
    [InlineData(Busy, Busy)]
    [InlineData(Constraint, UniqueConstraint)]
    public async Task A_change_with_a_conflict_is_retried(int code, int extended)
    {
        var conflicts = new Conflicts(new SqliteException("Somebody was faster.", code, extended));
        await using var edge = await StartAsync(conflicts);
        conflicts.Left = 2;
        var project = await edge.CreateProjectAsync();

        Assert.Equal(0, conflicts.Left);
        Assert.Equal("test project", (string?)(await edge.SendAdminAsync(HttpMethod.Get, "/api/projects/" + project))["project"]!["name"]);
    }

    [Fact]
    public async Task A_change_that_always_conflicts_gets_409_and_may_be_retried()
    {
        var conflicts = new Conflicts(new SqliteException("database is locked", Busy, Busy));
        await using var edge = await StartAsync(conflicts);
        conflicts.Left = int.MaxValue;
        using var response = await edge.Admin.PostAsync("/api/projects", RunningEdge.Json(new { name = "p" }));
        var refusal = await response.ErrorAsync();

        Assert.Equal((409, "CONFLICT", null, "1"), (refusal.Status, refusal.Code, refusal.Header("x-should-retry"), refusal.Header("Retry-After")));
    }

    [Fact]
    public async Task A_change_waits_for_another_writer_and_then_succeeds()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var writer = new SqliteConnection($"Data Source={edge.Services.GetRequiredService<DataDirectory>().DatabaseFile}");
        await writer.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        var creating = edge.CreateProjectAsync();
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(200), "The change must not end while the other writer holds the lock.");
        Assert.False(creating.IsCompleted);
        await transaction.RollbackAsync();

        await creating;
    }

    [PostgresFact]
    [Trait(SlowestTests.Trait, "The first start runs ten times, each time beside a concurrent change.")]
    public async Task A_first_start_and_a_concurrent_administrator_both_succeed()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var edge = await RunningEdge.StartAsync(database.Settings);
        var changes = edge.Services.GetRequiredService<Changes>();
        for (var round = 0; round < 10; round++)
        {
            await database.QueryAsync("DELETE FROM projects");
            var starting = new FirstStart(changes, TimeProvider.System).RunAsync();
            await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "default" });
            var key = await starting;

            var projects = (await edge.SendAdminAsync(HttpMethod.Get, "/api/projects"))["projects"]!.AsArray();
            Assert.Equal(key is null ? 1 : 2, projects.Count);
        }
    }

    private static Task<RunningEdge> StartAsync(Conflicts conflicts) => RunningEdge.StartAsync(
        configure: builder => builder.Services.ConfigureDbContext<SqliteEdgeDbContext>(options => options.AddInterceptors(conflicts)));

    private sealed class Conflicts(Exception conflict) : SaveChangesInterceptor
    {
        /// <summary>How many more saves fail.</summary>
        public int Left { get; set; }

        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (Left == 0)
            {
                return new(result);
            }

            Left--;
            throw new DbUpdateException("", conflict);
        }
    }
}
