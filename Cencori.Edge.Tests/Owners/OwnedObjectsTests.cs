using Cencori.Edge.Owners;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cencori.Edge.Tests.Owners;

/// <summary>Objects that are kept in memory while the database is unavailable.</summary>
public sealed class OwnedObjectsTests(ScriptedEdge scene) : IClassFixture<ScriptedEdge>
{
    [Fact]
    public async Task An_object_that_is_closed_during_its_write_is_closed_once()
    {
        var contexts = new Contexts(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>()) { IsAway = true };
        using var objects = new OwnedObjects(contexts, scene.Edge.Services.GetRequiredService<IDatabaseSystem>(), TimeProvider.System, NullLogger<OwnedObjects>.Instance);
        var owned = await MakeAsync("resp_1", KeyEnvironment.Production);
        await objects.AddAsync(owned);
        contexts.IsAway = false;

        // The object is in the database and still in memory.
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
    public async Task An_object_in_memory_belongs_to_its_environment_only()
    {
        var contexts = new Contexts(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>()) { IsAway = true };
        using var objects = new OwnedObjects(contexts, scene.Edge.Services.GetRequiredService<IDatabaseSystem>(), TimeProvider.System, NullLogger<OwnedObjects>.Instance);
        var owned = await MakeAsync("resp_2", KeyEnvironment.Production);
        await objects.AddAsync(owned);
        Assert.Null(await objects.FindOpenAsync(owned.ProjectId, KeyEnvironment.Test, "openai", "resp_2"));
    }

    [Fact]
    public async Task A_reused_id_logs_no_error()
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

    // A write that fails because the database is read-only must not be treated as a reused id.
    [Fact]
    public async Task An_object_that_cannot_be_written_is_kept_in_memory()
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
                Assert.True(Gate.Task.Wait(Eventually.Timeout));
            };
            return database;
        }
    }
}
