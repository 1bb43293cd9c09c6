using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Models;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Routing;

/// <summary><c>GET /v1/models</c>: lists the models that the caller's key can call. The native audio endpoints list their own models.</summary>
public static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/models", ListAsync).RequireAuthorization(AccessPolicy.Inference);
        endpoints.MapGet("/v1/models/{**model}", GetAsync).RequireAuthorization(AccessPolicy.Inference);
        endpoints.MapGet("/api/ai/audio/speech", ListSpeakersAsync).RequireAuthorization(AccessPolicy.DataPlane);
        endpoints.MapGet("/api/ai/audio/transcriptions", ListListenersAsync).RequireAuthorization(AccessPolicy.DataPlane);
    }

    private static async Task ListAsync(HttpContext context, CallableModels models, RequestLimiter limiter)
    {
        if (await limiter.TryAcquireAsync(context, context.GetCaller()!.Project, tokens: 0))
        {
            await context.Response.WriteAsJsonAsync(new ModelList("list", [.. Described(context.GetCaller()!, models)]), context.RequestAborted);
        }
    }

    private static Task ListSpeakersAsync(HttpContext context, CallableModels models, RequestLimiter limiter) =>
        ListAudioAsync(context, models, limiter, AudioModels.IsTextToSpeech);

    private static Task ListListenersAsync(HttpContext context, CallableModels models, RequestLimiter limiter) =>
        ListAudioAsync(context, models, limiter, AudioModels.IsSpeechToText);

    private static async Task ListAudioAsync(HttpContext context, CallableModels models, RequestLimiter limiter, Func<string, bool> isMatch)
    {
        var caller = context.GetCaller()!;
        if (await limiter.TryAcquireAsync(context, caller.Project, tokens: 0))
        {
            var listed = Described(caller, models).Where(model => isMatch(caller.Project.ModelAliases.GetValueOrDefault(model.Id, model.Id))).ToList();
            await context.Response.WriteAsJsonAsync(new AudioModelList("list", listed, [.. listed.Select(model => new AudioModelView(model.Id, model.OwnedBy))]), context.RequestAborted);
        }
    }

    private static IEnumerable<ModelView> Described(Caller caller, CallableModels models) => models.Of(caller).Select(model => Describe(models, caller, model));

    private static async Task GetAsync(HttpContext context, string model, CallableModels models, RequestLimiter limiter)
    {
        var caller = context.GetCaller()!;

        // Clients escape the slashes of a model id, and Kestrel does not unescape slashes in paths.
        model = model.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (models.Refusal(caller, model) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        if (!await limiter.TryAcquireAsync(context, caller.Project, tokens: 0))
        {
            return;
        }

        await context.Response.WriteAsJsonAsync(Describe(models, caller, model), context.RequestAborted);
    }

    private static ModelView Describe(CallableModels models, Caller caller, string model) => new(model, "model", 0, models.OwnerOf(caller, model));

    private sealed record ModelList(string Object, List<ModelView> Data);

    /// <param name="Object">Always <c>list</c>.</param>
    /// <param name="Data">The same entries as in <c>GET /v1/models</c>.</param>
    /// <param name="Models">The same models in the shape that Cencori's clients read.</param>
    private sealed record AudioModelList(string Object, List<ModelView> Data, List<AudioModelView> Models);

    private sealed record AudioModelView(string Id, string Provider);

    /// <param name="Id">The id that callers write.</param>
    /// <param name="Object">Always <c>model</c>.</param>
    /// <param name="Created">Always 0: the edge has no creation time of the providers' models.</param>
    /// <param name="OwnedBy">The provider.</param>
    private sealed record ModelView(string Id, string Object, long Created, [property: System.Text.Json.Serialization.JsonPropertyName("owned_by")] string OwnedBy);
}
