using System.Text.Json;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory.Api;

/// <summary>Reads the JSON of a namespace from a request of a caller or an administrator.</summary>
internal static class NamespaceBody
{
    private const int LongestName = 128;
    private const int LongestDescription = 2_000;
    private const int LongestModel = 256;

    /// <summary>The error if the project's environment has the maximum number of namespaces.</summary>
    public static EdgeError TooMany { get; } =
        new(ErrorKind.MemoryQuotaExceeded, $"The project has the maximum of {MemoryStore.MaxNamespaces} namespaces in this environment. Delete one first.") { IsFinal = true };

    public static EdgeError Taken(string name) => new(ErrorKind.Conflict, $"There is a namespace '{name}' already.") { Param = "name" };

    /// <param name="json">The body of <c>POST /api/memory/namespaces</c>.</param>
    /// <param name="tenant">The owner of the namespace. A namespace that an agent creates belongs to that agent.</param>
    /// <param name="project">The project, whose agents the namespace may name.</param>
    /// <param name="now">The creation time.</param>
    /// <param name="space">The namespace to store; valid only without an error.</param>
    public static EdgeError? Read(JsonElement json, MemoryTenant tenant, ProjectSnapshot project, DateTimeOffset now, out MemoryNamespaceRecord space)
    {
        var body = new MemoryBody(json);
        var name = body.Text("name", LongestName, isRequired: true)?.Trim();
        var model = ModelOf(body) ?? EmbeddingModels.DefaultModel;
        var dimensions = body.Integer("dimensions", 1, EmbeddingModels.MaxDimensions) ?? EmbeddingModels.DimensionsOf(model);
        var agent = body.Text("agentId", LongestName);
        space = new MemoryNamespaceRecord
        {
            ProjectId = tenant.ProjectId,
            Environment = tenant.Environment,
            Id = $"{MemoryStore.NamespacePrefix}{Guid.CreateVersion7():N}",
            Name = name ?? "",
            AgentId = tenant.AgentId ?? agent,
            Description = body.Text("description", LongestDescription),
            Metadata = body.Metadata("metadata"),
            EmbeddingModel = model,
            Dimensions = dimensions,
            DefaultThreshold = body.Share("defaultThreshold"),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
        };
        if (name is not null && (name.StartsWith(MemoryStore.NamespacePrefix, StringComparison.Ordinal) || name.Any(char.IsControl)))
        {
            body.Refuse("name", $"'name' must not have control characters, nor begin with {MemoryStore.NamespacePrefix}, which is the prefix of ids.");
        }

        if (agent is not null && (agent != space.AgentId || !project.Agents.ContainsKey(agent)))
        {
            body.Refuse("agentId", "'agentId' must name an agent of the project, and this key must be allowed to act as that agent.");
        }

        return body.End();
    }

    /// <summary>Reads the model with which all entries are embedded again.</summary>
    /// <param name="json">The body of <c>POST …/reembed</c>.</param>
    /// <param name="model">The model; valid only without an error.</param>
    /// <param name="dimensions">Dimensions of the new vectors; valid only without an error.</param>
    public static EdgeError? ReadModel(JsonElement json, out string model, out int dimensions)
    {
        var body = new MemoryBody(json);
        _ = body.Text("embeddingModel", LongestModel, isRequired: true);
        model = ModelOf(body) ?? "";
        dimensions = body.Integer("dimensions", 1, EmbeddingModels.MaxDimensions) ?? EmbeddingModels.DimensionsOf(model);
        return body.End();
    }

    private static string? ModelOf(MemoryBody body)
    {
        var model = body.Text("embeddingModel", LongestModel)?.Trim();
        return model is not null && (model.Length == 0 || model.Any(char.IsControl)) ? body.Refuse("embeddingModel", "'embeddingModel' must be the name of a model.") : model;
    }
}
