using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Memory;
using Cencori.Edge.Memory.Api;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Memory;

/// <summary>
/// Manages a project's memory for administrators, who see all namespaces, including those of agents. Search texts are embedded as for any request
/// of the project, at the project's cost and within its limits. The audit log does not contain the texts of entries: after a deletion no copy may remain.
/// </summary>
internal sealed class MemoryAdminService(
    MemoryStore store, MemoryWriter writer, MemorySearch search, MemoryEmbedder embedder, MemoryMaintenance maintenance, VectorCache vectors, ProjectCache projects, Changes changes, AuditTrail audit, TimeProvider time)
{
    /// <summary>Number of entries per page.</summary>
    public const int EntriesAtOnce = 25;

    /// <summary>Maximum number of results of one search.</summary>
    public const int MaxFound = 50;

    private static readonly EdgeError NoProject = new(ErrorKind.NotFound, "There is no such project.");
    private static readonly EdgeError NoNamespace = new(ErrorKind.NotFound, "There is no such namespace in this project.");
    private static readonly EdgeError NoEntry = new(ErrorKind.NotFound, "There is no such entry in this namespace.");

    /// <summary>Lists namespaces, newest first.</summary>
    public async Task<List<NamespaceView>> ListAsync(string projectId, KeyEnvironment environment, CancellationToken cancellation) =>
        (await store.ListNamespacesAsync(new(projectId, environment, AgentId: null), cancellation)).ConvertAll(one => NamespaceView.Of(one.Space, one.Count));

    /// <exception cref="RefusedException">The project has no such namespace. The following methods throw it too, also for a missing entry.</exception>
    public async Task<NamespaceState> GetAsync(string projectId, string id, CancellationToken cancellation)
    {
        var space = await FindAsync(projectId, id, cancellation);
        var without = space.HasUnembedded ? await store.ProgressAsync(space, space.Generation, cancellation) : default;
        var next = space.NextModel is null ? default : await store.ProgressAsync(space, space.NextGeneration, cancellation);
        return new(NamespaceView.Of(space, await store.CountAsync(space, cancellation)), Math.Max(0, without.Total - without.Done), next.Done, next.Total);
    }

    /// <param name="actor">Who makes the change.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="environment">Environment of the keys that use the namespace.</param>
    /// <param name="body">Body of <c>POST /api/memory/namespaces</c>.</param>
    /// <returns>Id of the namespace.</returns>
    public async Task<string> CreateAsync(AuditActor actor, string projectId, KeyEnvironment environment, JsonObject body)
    {
        var project = await ProjectAsync(projectId);
        var tenant = new MemoryTenant(projectId, environment, AgentId: null);
        NamespaceBody.Read(ElementOf(body), tenant, project, time.GetUtcNow(), out var space).ThrowIfAny();
        return await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            if (await database.NamespacesOf(tenant).CountAsync() >= MemoryStore.MaxNamespaces)
            {
                throw new RefusedException(NamespaceBody.TooMany);
            }

            // The name may also belong to a namespace whose deletion is not finished.
            if (await database.MemoryNamespaces.AnyAsync(row => row.ProjectId == projectId && row.Environment == environment && row.Name == space.Name))
            {
                throw new RefusedException(NamespaceBody.Taken(space.Name));
            }

            database.MemoryNamespaces.Add(space);
            await audit.NoteAsync(database, actor, [new("memory_namespace.created", projectId, space.Id) { After = AuditJson(space) }]);
            return space.Id;
        });
    }

    /// <summary>Hides the namespace at once. Its entries are deleted in the background.</summary>
    public async Task DeleteAsync(AuditActor actor, string projectId, string id, CancellationToken cancellation)
    {
        var space = await FindAsync(projectId, id, cancellation);
        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            (await MemoryStore.EndAsync(database, space, time.GetUtcNow(), CancellationToken.None) ? null : NoNamespace).ThrowIfAny();
            await audit.NoteAsync(database, actor, [new("memory_namespace.deleted", projectId, id) { Before = AuditJson(space) }]);
            return id;
        });
        await vectors.DropAsync(id);
        maintenance.Wake();
    }

    /// <param name="actor">Who makes the change.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="id">Id of the namespace.</param>
    /// <param name="body">Body of <c>POST …/reembed</c>: the new model. Null: cancels a re-embedding in progress.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public async Task ReembedAsync(AuditActor actor, string projectId, string id, JsonObject? body, CancellationToken cancellation)
    {
        var space = await FindAsync(projectId, id, cancellation);
        var (model, dimensions) = ((string?)null, (int?)null);
        if (body is not null)
        {
            NamespaceBody.ReadModel(ElementOf(body), out var named, out var numbers).ThrowIfAny();
            (await embedder.ProbeAsync(MemoryCaller.Of(await ProjectAsync(projectId), space), named, numbers, cancellation)).Error.ThrowIfAny();
            (model, dimensions) = (named, numbers);
        }

        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            (await store.BeginReembeddingAsync(database, space, model, dimensions, CancellationToken.None) switch { AddOutcome.Added => null, AddOutcome.Full => writer.Full(space), _ => NoNamespace }).ThrowIfAny();
            await audit.NoteAsync(database, actor, [new("memory_namespace.changed", projectId, id) { Before = AuditJson(space.NextModel, space.NextDimensions), After = AuditJson(model, dimensions) }]);
            return id;
        });
        maintenance.Wake(id);
    }

    /// <summary>Lists entries, the last written first.</summary>
    /// <param name="projectId">Project id.</param>
    /// <param name="id">Id of the namespace.</param>
    /// <param name="before"><see cref="EntryList.End"/> of the previous page. Null: the first page.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public async Task<EntryList> EntriesAsync(string projectId, string id, string? before, CancellationToken cancellation)
    {
        var (memories, end) = await store.ListNewestAsync(await FindAsync(projectId, id, cancellation), before, EntriesAtOnce, cancellation);
        return new(memories, end);
    }

    public async Task<StoredMemory> EntryAsync(string projectId, string id, string entry, CancellationToken cancellation)
    {
        var space = await FindAsync(projectId, id, cancellation);
        return await store.FindAsync(new(projectId, space.Environment, space.AgentId), entry, cancellation) is { } memory && memory.Namespace == space.Name ? memory : throw new RefusedException(NoEntry);
    }

    public async Task DeleteEntryAsync(AuditActor actor, string projectId, string id, string entry, CancellationToken cancellation)
    {
        var space = await FindAsync(projectId, id, cancellation);
        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            (await MemoryStore.DeleteAsync(database, space, entry, CancellationToken.None) ? null : NoEntry).ThrowIfAny();
            await audit.NoteAsync(database, actor, [new("memory.deleted", projectId, entry) { Before = JsonSerializer.Serialize(new { Namespace = id }, AdminJson.Options) }]);
            return entry;
        });
    }

    /// <param name="projectId">Project id.</param>
    /// <param name="id">Id of the namespace.</param>
    /// <param name="body">Body of <c>POST /api/memory/search</c>, without the namespace.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public async Task<SearchView> SearchAsync(string projectId, string id, JsonObject body, CancellationToken cancellation)
    {
        var space = await FindAsync(projectId, id, cancellation);
        var project = await ProjectAsync(projectId);
        body["namespace"] = id;
        SearchBody.Read(ElementOf(body), out _, out var requested).ThrowIfAny();
        (requested.Limit <= MaxFound ? null : EdgeError.Invalid($"A search in the dashboard can return at most {MaxFound} entries. Use a lower limit.", "limit")).ThrowIfAny();
        var from = time.GetTimestamp();
        var (found, error) = await search.FindAsync(MemoryCaller.Of(project, space), id, requested, cancellation);
        error.ThrowIfAny();
        return new(
            [.. found!.Results.Select(result => new FoundEntry(result.Row.Id, result.Row.Content, result.Row.Metadata, result.Similarity, result.Row.CreatedAt, result.Row.ExpiresAt))],
            SearchBody.NameOf(requested.Order), SearchBody.NameOf(found.Order), time.GetElapsedTime(from));
    }

    private async Task<ProjectSnapshot> ProjectAsync(string projectId) => await projects.GetAsync(projectId) ?? throw new RefusedException(NoProject);

    private async Task<MemoryNamespaceRecord> FindAsync(string projectId, string id, CancellationToken cancellation)
    {
        foreach (var environment in Enum.GetValues<KeyEnvironment>())
        {
            if (await store.FindNamespaceAsync(new(projectId, environment, AgentId: null), id, cancellation) is { } space && space.Id == id)
            {
                return space;
            }
        }

        throw new RefusedException(NoNamespace);
    }

    private static JsonElement ElementOf(JsonObject body) => JsonSerializer.SerializeToElement(body);

    private static string AuditJson(MemoryNamespaceRecord space) => JsonSerializer.Serialize(
        new { space.Name, space.Environment, space.AgentId, space.Description, space.EmbeddingModel, space.Dimensions, space.DefaultThreshold }, AdminJson.Options);

    private static string? AuditJson(string? model, int? dimensions) => model is null ? null : JsonSerializer.Serialize(new { NextModel = model, NextDimensions = dimensions }, AdminJson.Options);
}
