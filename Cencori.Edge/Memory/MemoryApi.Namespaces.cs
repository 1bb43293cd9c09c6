using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>Namespaces, and all that is in one of them.</summary>
internal static partial class MemoryApi
{
    private const int LongestName = 128;
    private const int LongestDescription = 2_000;
    private const int LongestModel = 256;
    private const string Probe = "probe";

    private static async Task CreateNamespaceAsync(MemoryRequest request)
    {
        if (await request.ReadAsync() is not { } document)
        {
            return;
        }

        using (document)
        {
            var body = new MemoryBody(document.RootElement);
            var name = body.Text("name", LongestName, isRequired: true)?.Trim();
            var model = ModelOf(body) ?? EmbeddingModels.Usual;
            var dimensions = body.Integer("dimensions", 1, EmbeddingModels.MostDimensions) ?? EmbeddingModels.DimensionsOf(model);
            var agent = body.Text("agentId", LongestName);
            var space = new MemoryNamespaceRecord
            {
                ProjectId = request.Who.Tenant.ProjectId,
                Environment = request.Who.Tenant.Environment,
                Id = $"{MemoryStore.NamespacePrefix}{Guid.CreateVersion7():N}",
                Name = name ?? "",
                AgentId = request.Who.Tenant.AgentId ?? agent,
                Description = body.Text("description", LongestDescription),
                Metadata = body.Metadata("metadata"),
                EmbeddingModel = model,
                Dimensions = dimensions,
                DefaultThreshold = body.Share("defaultThreshold"),
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(request.Time.GetUtcNow().ToUnixTimeMilliseconds()),
            };
            if (name is not null && (name.StartsWith(MemoryStore.NamespacePrefix, StringComparison.Ordinal) || name.Any(char.IsControl)))
            {
                body.Refuse("name", $"'name' must not have control characters, nor begin with {MemoryStore.NamespacePrefix}, as ids do.");
            }

            if (agent is not null && (agent != space.AgentId || !request.Who.Caller.Project.Agents.ContainsKey(agent)))
            {
                body.Refuse("agentId", "'agentId' names no agent that this key may speak for.");
            }

            if (body.End() is { } wrong)
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
        // All of the project's: what an agent makes counts, too.
        if (await request.Store.CountNamespacesAsync(request.Who.Tenant with { AgentId = null }, request.Aborted) >= MemoryStore.MostNamespaces)
        {
            await request.Context.Refuse(new EdgeError(ErrorKind.MemoryQuotaExceeded, $"The project has {MemoryStore.MostNamespaces} namespaces, which is as many as it may.") { IsFinal = true });
            return;
        }

        await (await request.Store.TryCreateAsync(space, request.Aborted)
            ? request.Context.AnswerAsync(StatusCodes.Status201Created, json => MemoryAnswers.Write(json, space, count: 0))
            : request.Context.Refuse(new EdgeError(ErrorKind.Conflict, $"There is a namespace '{space.Name}' already.") { Param = "name" }));
    }

    private static async Task ListNamespacesAsync(MemoryRequest request)
    {
        if (!await request.TryAcquireAsync())
        {
            return;
        }

        var all = await request.Store.ListNamespacesAsync(request.Who.Tenant, request.Aborted);
        await request.Context.AnswerAsync(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("namespaces");
            foreach (var (space, count) in all)
            {
                json.WriteStartObject();
                MemoryAnswers.Write(json, space, count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task GetNamespaceAsync(MemoryRequest request)
    {
        if (await FindAsync(request) is { } space)
        {
            await AnswerAsync(request, StatusCodes.Status200OK, space);
        }
    }

    private static async Task AnswerAsync(MemoryRequest request, int status, MemoryNamespaceRecord space)
    {
        var count = await request.Store.CountAsync(space, request.Aborted);
        var progress = space.NextModel is null ? default : await request.Store.ProgressAsync(space, space.NextGeneration, request.Aborted);
        await request.Context.AnswerAsync(status, json =>
        {
            MemoryAnswers.Write(json, space, count);
            if (space.NextModel is not null)
            {
                MemoryAnswers.WriteProgress(json, space, progress);
            }
        });
    }

    private static async Task DeleteNamespaceAsync(MemoryRequest request)
    {
        if (await FindAsync(request) is not { } space)
        {
            return;
        }

        await request.Store.DeleteNamespaceAsync(request.Who.Tenant, space.Id, request.Aborted);
        await request.Get<VectorCache>().DropAsync(space.Id);
        request.Get<MemoryUpkeep>().Wake();
        await request.Context.AnswerAsync(StatusCodes.Status200OK, json => WriteDeleted(json, space.Id));
    }

    private static async Task ListAsync(MemoryRequest request)
    {
        var query = request.Context.Request.Query;
        var limit = 100;
        if (query.TryGetValue("limit", out var asked) && !(int.TryParse(asked, out limit) && limit is >= 1 and <= MostListed))
        {
            await request.Context.Refuse(EdgeError.Invalid($"'limit' must be a whole number from 1 to {MostListed}.", "limit"));
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
        await request.Context.AnswerAsync(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("memories");
            foreach (var memory in found)
            {
                json.WriteStartObject();
                MemoryAnswers.Write(json, memory);
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
            var body = new MemoryBody(document.RootElement);
            _ = body.Text("embeddingModel", LongestModel, isRequired: true);
            var model = ModelOf(body);
            var dimensions = body.Integer("dimensions", 1, EmbeddingModels.MostDimensions) ?? EmbeddingModels.DimensionsOf(model ?? "");
            if (body.End() is { } wrong)
            {
                await request.RefuseAsync(wrong);
                return;
            }

            await BeginAsync(request, model, dimensions);
        }
    }

    private static string? ModelOf(MemoryBody body)
    {
        var model = body.Text("embeddingModel", LongestModel)?.Trim();
        return model is not null && (model.Length == 0 || model.Any(char.IsControl)) ? body.Refuse("embeddingModel", "'embeddingModel' must be the name of a model.") : model;
    }

    private static Task EndReembeddingAsync(MemoryRequest request) => BeginAsync(request, null, null);

    private static async Task BeginAsync(MemoryRequest request, string? model, int? dimensions)
    {
        if (await FindAsync(request) is not { } space)
        {
            return;
        }

        // Whether the key may use the model, has money for it, and gets vectors of this length: not when thousands have been paid.
        if (model is not null && await request.Get<MemoryEmbedder>().EmbedAsync(request.Who, model, dimensions!.Value, [Probe], request.Aborted) is { Vectors: null, Error: { } unfit })
        {
            await request.Context.Refuse(unfit);
            return;
        }

        if (await request.Store.BeginReembeddingAsync(space, model, dimensions, CancellationToken.None) == AddOutcome.Full)
        {
            await request.Context.Refuse(request.Get<MemoryWriter>().Full(space));
            return;
        }

        request.Get<MemoryUpkeep>().Wake(space.Id);
        await (await request.Store.FindNamespaceAsync(request.Who.Tenant, space.Id, request.Aborted) is { } begun
            ? AnswerAsync(request, model is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted, begun)
            : request.Context.Refuse(MemorySearch.NoNamespace(space.Name)));
    }

    private static async Task<MemoryNamespaceRecord?> FindAsync(MemoryRequest request)
    {
        if (!await request.TryAcquireAsync())
        {
            return null;
        }

        var name = request.Route("name");
        var space = await request.Store.FindNamespaceAsync(request.Who.Tenant, name, request.Aborted);
        if (space is null)
        {
            await request.Context.Refuse(MemorySearch.NoNamespace(name));
        }

        return space;
    }
}
