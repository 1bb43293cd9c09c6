using Cencori.Edge.Errors;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory.Api;

/// <summary>Endpoints for namespaces, and for listing and re-embedding their entries.</summary>
internal static partial class MemoryApi
{
    private static async Task CreateNamespaceAsync(MemoryRequest request)
    {
        if (await request.ReadAsync() is not { } document)
        {
            return;
        }

        using (document)
        {
            if (NamespaceBody.Read(document.RootElement, request.Caller.Tenant, request.Caller.Caller.Project, request.Time.GetUtcNow(), out var space) is { } wrong)
            {
                await request.RefuseAsync(wrong);
                return;
            }

            if (!await request.TryAcquireAsync())
            {
                return;
            }

            await CreateAsync(request, space);
        }
    }

    private static async Task CreateAsync(MemoryRequest request, MemoryNamespaceRecord space)
    {
        // The limit is for an environment of the project, so the namespaces of all agents count.
        if (await request.Store.CountNamespacesAsync(request.Caller.Tenant with { AgentId = null }, request.Aborted) >= MemoryStore.MaxNamespaces)
        {
            await request.Context.Refuse(NamespaceBody.TooMany);
            return;
        }

        await (await request.Store.TryCreateAsync(space, request.Aborted)
            ? request.Context.RespondAsync(StatusCodes.Status201Created, json => MemoryResponses.Write(json, space, count: 0))
            : request.Context.Refuse(NamespaceBody.Taken(space.Name)));
    }

    private static async Task ListNamespacesAsync(MemoryRequest request)
    {
        if (!await request.TryAcquireAsync())
        {
            return;
        }

        var all = await request.Store.ListNamespacesAsync(request.Caller.Tenant, request.Aborted);
        await request.Context.RespondAsync(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("namespaces");
            foreach (var (space, count) in all)
            {
                json.WriteStartObject();
                MemoryResponses.Write(json, space, count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task GetNamespaceAsync(MemoryRequest request)
    {
        if (await FindAsync(request) is { } space)
        {
            await RespondAsync(request, StatusCodes.Status200OK, space);
        }
    }

    private static async Task RespondAsync(MemoryRequest request, int status, MemoryNamespaceRecord space)
    {
        var count = await request.Store.CountAsync(space, request.Aborted);
        var progress = space.NextModel is null ? default : await request.Store.ProgressAsync(space, space.NextGeneration, request.Aborted);
        await request.Context.RespondAsync(status, json =>
        {
            MemoryResponses.Write(json, space, count);
            if (space.NextModel is not null)
            {
                MemoryResponses.WriteProgress(json, space, progress);
            }
        });
    }

    private static async Task DeleteNamespaceAsync(MemoryRequest request)
    {
        if (await FindAsync(request) is not { } space)
        {
            return;
        }

        await request.Store.DeleteNamespaceAsync(request.Caller.Tenant, space.Id, request.Aborted);
        await request.Get<VectorCache>().DropAsync(space.Id);
        request.Get<MemoryMaintenance>().Wake();
        await request.Context.RespondAsync(StatusCodes.Status200OK, json => WriteDeleted(json, space.Id));
    }

    private static async Task ListAsync(MemoryRequest request)
    {
        var query = request.Context.Request.Query;
        var limit = 100;
        if (query.TryGetValue("limit", out var requested) && !(int.TryParse(requested, out limit) && limit is >= 1 and <= MaxListed))
        {
            await request.Context.Refuse(EdgeError.Invalid($"'limit' must be a whole number from 1 to {MaxListed}.", "limit"));
            return;
        }

        var after = query.TryGetValue("after", out var last) ? last.ToString() : null;
        if (after is not null && !NewMemory.IsId(after))
        {
            await request.Context.Refuse(EdgeError.Invalid("'after' must be the id of an entry.", "after"));
            return;
        }

        if (await FindAsync(request) is not { } space)
        {
            return;
        }

        var found = await request.Store.ListAsync(space, after, limit, request.Aborted);
        await request.Context.RespondAsync(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("memories");
            foreach (var memory in found)
            {
                json.WriteStartObject();
                MemoryResponses.Write(json, memory);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("next", found.Count == limit ? found[^1].Id : null);
        });
    }

    private static async Task ReembedAsync(MemoryRequest request)
    {
        if (await request.ReadAsync() is not { } document)
        {
            return;
        }

        using (document)
        {
            if (NamespaceBody.ReadModel(document.RootElement, out var model, out var dimensions) is { } wrong)
            {
                await request.RefuseAsync(wrong);
                return;
            }

            await BeginAsync(request, model, dimensions);
        }
    }

    private static Task EndReembeddingAsync(MemoryRequest request) => BeginAsync(request, null, null);

    private static async Task BeginAsync(MemoryRequest request, string? model, int? dimensions)
    {
        if (await FindAsync(request) is not { } space)
        {
            return;
        }

        if (model is not null && await request.Get<MemoryEmbedder>().ProbeAsync(request.Caller, model, dimensions!.Value, request.Aborted) is { Error: { } unfit })
        {
            await request.Context.Refuse(unfit);
            return;
        }

        if (await request.Store.BeginReembeddingAsync(space, model, dimensions, CancellationToken.None) == AddOutcome.Full)
        {
            await request.Context.Refuse(request.Get<MemoryWriter>().Full(space));
            return;
        }

        request.Get<MemoryMaintenance>().Wake(space.Id);
        await (await request.Store.FindNamespaceAsync(request.Caller.Tenant, space.Id, request.Aborted) is { } begun
            ? RespondAsync(request, model is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted, begun)
            : request.Context.Refuse(MemorySearch.NoNamespace(space.Name)));
    }

    private static async Task<MemoryNamespaceRecord?> FindAsync(MemoryRequest request)
    {
        if (!await request.TryAcquireAsync())
        {
            return null;
        }

        var name = request.Route("name");
        var space = await request.Store.FindNamespaceAsync(request.Caller.Tenant, name, request.Aborted);
        if (space is null)
        {
            await request.Context.Refuse(MemorySearch.NoNamespace(name));
        }

        return space;
    }
}
