using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Routing;

/// <summary><c>GET /v1/models</c>: the edge's own list, of what this key can really call.</summary>
public static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/models", ListAsync).RequireAuthorization(AccessPolicy.Inference);
        endpoints.MapGet("/v1/models/{**model}", GetAsync).RequireAuthorization(AccessPolicy.Inference);
    }

    private static async Task ListAsync(HttpContext context, ProviderCatalog catalog, ModelRouter router, RequestLimiter limiter)
    {
        var caller = context.GetCaller()!;
        if (!await limiter.TryAcquireAsync(context, caller.Project, tokens: 0))
        {
            return;
        }

        var models = catalog.Models.Listed
            .Select(listed => listed.Model)
            .Concat(caller.Project.ModelAliases.Keys)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Where(model => router.Choose(caller, model, null, out _) is null)
            .Select(model => Describe(catalog, caller, model));
        await context.Response.WriteAsJsonAsync(new ModelList("list", [.. models]), context.RequestAborted);
    }

    private static async Task GetAsync(HttpContext context, string model, ProviderCatalog catalog, ModelRouter router, RequestLimiter limiter)
    {
        var caller = context.GetCaller()!;

        // Clients escape the slashes of an id, and the server leaves just those escaped.
        model = model.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (router.Choose(caller, model, null, out _) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        if (!await limiter.TryAcquireAsync(context, caller.Project, tokens: 0))
        {
            return;
        }

        await context.Response.WriteAsJsonAsync(Describe(catalog, caller, model), context.RequestAborted);
    }

    // The provider named is the one that serves the model, also where the sandbox stands in for it.
    private static ModelView Describe(ProviderCatalog catalog, Caller caller, string model)
    {
        var meant = caller.Project.ModelAliases.GetValueOrDefault(model, model);
        var separator = meant.AsSpan().IndexOfAny('/', ':');
        var owner = (separator > 0 ? catalog.Find(meant.AsSpan(0, separator)) : null)
            ?? (catalog.Models.Find(meant) is [var first, ..] ? first : null);
        return new(model, "model", 0, owner?.Id ?? "unknown");
    }

    private sealed record ModelList(string Object, List<ModelView> Data);

    /// <param name="Id">As a caller writes it.</param>
    /// <param name="Object">Always <c>model</c>.</param>
    /// <param name="Created">0: providers do not tell the edge.</param>
    /// <param name="OwnedBy">The provider.</param>
    private sealed record ModelView(string Id, string Object, long Created, [property: System.Text.Json.Serialization.JsonPropertyName("owned_by")] string OwnedBy);
}
