using Cencori.Edge.Owners;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cencori.Edge.Tests.Owners;

/// <summary>What is remembered while the database is away, and what becomes of it.</summary>
public sealed class OwnedObjectsTests(ScriptedEdge scene) : IClassFixture<ScriptedEdge>
{
    [Fact]
    public async Task What_is_closed_while_it_is_written_down_is_closed_once()
    {
        var contexts = new Contexts(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>()) { IsAway = true };
        using var objects = new OwnedObjects(contexts, scene.Edge.Services.GetRequiredService<IDatabaseSystem>(), TimeProvider.System, NullLogger<OwnedObjects>.Instance);
        var owned = await MakeAsync("resp_1", KeyEnvironment.Production);
        await objects.AddAsync(owned);
        contexts.IsAway = false;

        // Written, and not forgotten yet.
        await objects.StartAsync(CancellationToken.None);
        await contexts.Saved.Task;
        var first = await objects.TryCloseAsync(owned);
        contexts.Gate.SetResult();
        await objects.StopAsync(CancellationToken.None);
        var again = await objects.FindOpenAsync(owned.ProjectId, KeyEnvironment.Production, "openai", "resp_1");
        var second = again is not null && await objects.TryCloseAsync(again);
        Assert.Equal((true, false), (first, second));
    }

    [Fact]
    public async Task What_is_remembered_is_another_environments_too()
    {
        var contexts = new Contexts(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>()) { IsAway = true };
        using var objects = new OwnedObjects(contexts, scene.Edge.Services.GetRequiredService<IDatabaseSystem>(), TimeProvider.System, NullLogger<OwnedObjects>.Instance);
        var owned = await MakeAsync("resp_2", KeyEnvironment.Production);
        await objects.AddAsync(owned);
        Assert.Null(await objects.FindOpenAsync(owned.ProjectId, KeyEnvironment.Test, "openai", "resp_2"));
    }

    [Fact]
    public async Task An_id_that_a_provider_gives_again_is_no_error_of_the_log()
    {
        var objects = scene.Edge.Services.GetRequiredService<OwnedObjects>();
        var owned = await MakeAsync("resp_again", KeyEnvironment.Production);
        Assert.True(await objects.AddAsync(owned));
        Assert.False(await objects.AddAsync(new()
        {
            ProjectId = owned.ProjectId, Provider = owned.Provider, ObjectId = owned.ObjectId, KeyId = "k", Environment = owned.Environment, RequestId = "r2", CreatedAt = owned.CreatedAt,
        }));
        Assert.DoesNotContain(scene.Edge.Logs.Lines, line => line.Level >= LogLevel.Error);
    }

    // A database that cannot be written, which is not the same as an id that comes again.
    [Fact]
    public async Task What_cannot_be_written_for_any_other_reason_is_remembered()
    {
        var contexts = new Contexts(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>()) { IsReadOnly = true };
        using var objects = new OwnedObjects(contexts, scene.Edge.Services.GetRequiredService<IDatabaseSystem>(), TimeProvider.System, NullLogger<OwnedObjects>.Instance);
        var owned = await MakeAsync("resp_3", KeyEnvironment.Production);
        await objects.AddAsync(owned);
        contexts.IsReadOnly = false;
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Assert.NotNull(await objects.FindOpenAsync(owned.ProjectId, KeyEnvironment.Production, "openai", "resp_3"));
    }

    private async Task<OwnedObjectRecord> MakeAsync(string id, KeyEnvironment environment) => new()
    {
        ProjectId = await scene.Edge.CreateProjectAsync("openai"),
        Provider = "openai",
        ObjectId = id,
        KeyId = "k",
        Environment = environment,
        RequestId = "r",
        CreatedAt = TimeProvider.System.GetUtcNow(),
    };

    private sealed class Contexts(IDbContextFactory<EdgeDbContext> inner) : IDbContextFactory<EdgeDbContext>
    {
        public bool IsAway { get; set; }

        public bool IsReadOnly { get; set; }

        public TaskCompletionSource Saved { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gate { get; } = new();

        public EdgeDbContext CreateDbContext()
        {
            if (IsAway)
            {
                throw new OperationCanceledException();
            }

            var database = inner.CreateDbContext();
            if (IsReadOnly)
            {
                database.Database.OpenConnection();
                database.Database.ExecuteSqlRaw("PRAGMA query_only=1");
            }

            database.SavedChanges += (_, _) =>
            {
                Saved.TrySetResult();
                Gate.Task.Wait(TimeSpan.FromSeconds(5));
            };
            return database;
        }
    }
}
