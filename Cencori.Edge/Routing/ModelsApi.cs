using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Models;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Routing;

/// <summary><c>GET /v1/models</c>: the edge's own list, of what this key can really call. The native door lists the models of each of its endpoints for sound.</summary>
public static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/models", ListAsync).RequireAuthorization(AccessPolicy.Inference);
        endpoints.MapGet("/v1/models/{**model}", GetAsync).RequireAuthorization(AccessPolicy.Inference);
        endpoints.MapGet("/api/ai/audio/speech", ListSpeakersAsync).RequireAuthorization(AccessPolicy.DataPlane);
        endpoints.MapGet("/api/ai/audio/transcriptions", ListListenersAsync).RequireAuthorization(AccessPolicy.DataPlane);
    }

    private static async Task ListAsync(HttpContext context, ProviderCatalog catalog, ModelRouter router, RequestLimiter limiter)
    {
        if (await limiter.TryAcquireAsync(context, context.GetCaller()!.Project, tokens: 0))
        {
            await context.Response.WriteAsJsonAsync(new ModelList("list", [.. Described(context.GetCaller()!, catalog, router)]), context.RequestAborted);
        }
    }

    private static Task ListSpeakersAsync(HttpContext context, ProviderCatalog catalog, ModelRouter router, RequestLimiter limiter) =>
        ListSoundAsync(context, catalog, router, limiter, SoundModels.Speaks);

    private static Task ListListenersAsync(HttpContext context, ProviderCatalog catalog, ModelRouter router, RequestLimiter limiter) =>
        ListSoundAsync(context, catalog, router, limiter, SoundModels.Listens);

    private static async Task ListSoundAsync(HttpContext context, ProviderCatalog catalog, ModelRouter router, RequestLimiter limiter, Func<string, bool> isMeant)
    {
        var caller = context.GetCaller()!;
        if (await limiter.TryAcquireAsync(context, caller.Project, tokens: 0))
        {
            var models = Described(caller, catalog, router).Where(model => isMeant(caller.Project.ModelAliases.GetValueOrDefault(model.Id, model.Id))).ToList();
            await context.Response.WriteAsJsonAsync(new SoundModelList("list", models, [.. models.Select(model => new SoundModelView(model.Id, model.OwnedBy))]), context.RequestAborted);
        }
    }

    /// <summary>What this caller can really call, in the order of their names.</summary>
    internal static IEnumerable<string> Callable(Caller caller, ProviderCatalog catalog, ModelRouter router) =>
        catalog.Models.Listed
            .Select(listed => listed.Model)
            .Concat(caller.Project.ModelAliases.Keys)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Where(model => router.Choose(caller, model, null, out _) is null);

    private static IEnumerable<ModelView> Described(Caller caller, ProviderCatalog catalog, ModelRouter router) =>
        Callable(caller, catalog, router).Select(model => Describe(catalog, caller, model));

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

    /// <param name="Object">Always <c>list</c>.</param>
    /// <param name="Data">As <c>GET /v1/models</c> has them.</param>
    /// <param name="Models">As Cencori's clients read them.</param>
    private sealed record SoundModelList(string Object, List<ModelView> Data, List<SoundModelView> Models);

    private sealed record SoundModelView(string Id, string Provider);

    /// <param name="Id">As a caller writes it.</param>
    /// <param name="Object">Always <c>model</c>.</param>
    /// <param name="Created">0: providers do not tell the edge.</param>
    /// <param name="OwnedBy">The provider.</param>
    private sealed record ModelView(string Id, string Object, long Created, [property: System.Text.Json.Serialization.JsonPropertyName("owned_by")] string OwnedBy);
}
