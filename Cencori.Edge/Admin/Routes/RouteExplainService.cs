using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Routes;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Request body that asks where a route would send a request.</summary>
public sealed record ExplainRequest
{
    /// <summary>The body of the request. Its <c>model</c> need not be the route's name.</summary>
    public required JsonElement Request { get; init; }

    /// <summary>The endpoint of the request. Default <c>/v1/chat/completions</c>.</summary>
    public string Endpoint { get; init; } = "/v1/chat/completions";

    /// <summary>Id of the API key of the request. Default: a key without limits of its own is assumed.</summary>
    public string? Key { get; init; }

    /// <summary>Environment of the key if <see cref="Key"/> is null. Default production.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>Headers of the request that route conditions may check.</summary>
    public Dictionary<string, string>? Headers { get; init; }

    /// <summary>An unsaved route that is explained instead of the saved one. Null: the saved route is explained.</summary>
    public RouteDocument? Route { get; init; }
}

/// <summary>Explains where a route would send a request, without sending it.</summary>
internal sealed class RouteExplainService(RouteEditor routes, ProjectCache projects, RouteExplainer explainer, IDbContextFactory<EdgeDbContext> contexts)
{
    private const int MaxHeaders = 64;

    /// <exception cref="RefusedException">The route or key does not exist, or the request would be refused on any route.</exception>
    public async Task<RouteExplanation> ExplainAsync(string projectId, string name, ExplainRequest requested)
    {
        var document = requested.Route is { } unsaved ? routes.Check(name, unsaved) : (await routes.GetAsync(projectId, name)).Value.Route;
        if (await projects.GetAsync(projectId) is not { } project)
        {
            throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        }

        if (!requested.Endpoint.StartsWith('/'))
        {
            throw new RefusedException(EdgeError.Invalid("The endpoint must be a path such as /v1/chat/completions.", "endpoint"));
        }

        if (requested.Headers?.Count > MaxHeaders)
        {
            throw new RefusedException(EdgeError.Invalid($"There must be at most {MaxHeaders} headers.", "headers"));
        }

        var route = document.ToRoute(name);

        // The unsaved route is added to the project, because the project's routes decide which parts of the body are read.
        project = project with { Routes = project.Routes.Values.Where(other => other.Name != name).Append(route).ToFrozenDictionary(one => one.Name, StringComparer.Ordinal) };
        var caller = new Caller(await KeyAsync(projectId, requested), project);
        var (explanation, refusal) = await explainer.ExplainAsync(caller, route, requested.Endpoint, JsonMarshal.GetRawUtf8Value(requested.Request).ToArray(), requested.Headers ?? [], isSaved: requested.Route is null);
        return explanation ?? throw new RefusedException(refusal!);
    }

    private async Task<ApiKey> KeyAsync(string projectId, ExplainRequest requested)
    {
        if (requested.Key is not { } id)
        {
            return KeyOf("", projectId, KeyType.Secret, requested.Environment ?? KeyEnvironment.Production, allowed: null);
        }

        // A text with a null character matches no key. Databases reject such texts.
        await using var database = await contexts.CreateDbContextAsync();
        var row = (id.Contains('\0', StringComparison.Ordinal) ? null : await database.ApiKeys.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == projectId && row.Id == id))
            ?? throw new RefusedException(EdgeError.Invalid("The project has no such key.", "key"));
        return KeyOf(row.Id, projectId, row.Type, row.Environment, row.AllowedModels is { } models ? new AllowedModels(models) : null);
    }

    private static ApiKey KeyOf(string id, string projectId, KeyType type, KeyEnvironment environment, AllowedModels? allowed) => new()
    {
        Id = id,
        ProjectId = projectId,
        Type = type,
        Environment = environment,
        AllowedDomains = [],
        AllowedModels = allowed,
        ExpiresAt = null,
        IsRevoked = false,
    };
}
