using Cencori.Edge.Admin;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin;

/// <summary>What is done where the database says that others were in the way.</summary>
public sealed class ChangesTests
{
    private const int Busy = 5;
    private const int Constraint = 19;
    private const int UniqueConstraint = 2067;

    [Theory]
    [InlineData(Busy, Busy)]
    [InlineData(Constraint, UniqueConstraint)]
    public async Task A_change_that_met_another_is_made_once_more(int code, int extended)
    {
        var conflicts = new Conflicts(new SqliteException("Somebody was faster.", code, extended));
        await using var edge = await StartAsync(conflicts);
        conflicts.Left = 2;
        var project = await edge.CreateProjectAsync();

        Assert.Equal(0, conflicts.Left);
        Assert.Equal("test project", (string?)(await edge.SendAdminAsync(HttpMethod.Get, "/api/projects/" + project))["project"]!["name"]);
    }

    [Fact]
    public async Task A_change_that_always_meets_others_is_a_conflict_worth_another_try()
    {
        var conflicts = new Conflicts(new SqliteException("database is locked", Busy, Busy));
        await using var edge = await StartAsync(conflicts);
        conflicts.Left = int.MaxValue;
        using var response = await edge.Admin.PostAsync("/api/projects", RunningEdge.Json(new { name = "p" }));
        var refusal = await response.ErrorAsync();

        Assert.Equal((409, "CONFLICT", null, "1"), (refusal.Status, refusal.Code, refusal.Header("x-should-retry"), refusal.Header("Retry-After")));
    }

    [Fact]
    public async Task What_waits_for_another_writer_is_made_when_that_has_ended()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var writer = new SqliteConnection($"Data Source={edge.Services.GetRequiredService<DataDirectory>().DatabaseFile}");
        await writer.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        var creating = edge.CreateProjectAsync();
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(200), "What must not end before the other has ended gets time to do so.");
        Assert.False(creating.IsCompleted);
        await transaction.RollbackAsync();

        await creating;
    }

    [PostgresFact]
    [Trait(SlowestTests.Trait, "Edges start beside changes.")]
    public async Task A_first_start_beside_an_administrator_fails_nobody()
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
        /// <summary>How many more times nothing can be saved.</summary>
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
