using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Models;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Routing;

/// <summary>Which targets of a plan a request of a route is for. Pure.</summary>
/// <param name="exchange">The request.</param>
/// <param name="content">What was read of it.</param>
/// <param name="plan">Whom it can go to.</param>
/// <param name="names">Those that the caller has written, and what they stand for.</param>
/// <param name="named">The provider that the request names; null: none.</param>
internal readonly struct RouteFilter(Exchange exchange, RequestContent content, TargetPlan plan, (string Written, string Meant) names, ProviderDefinition? named)
{
    /// <param name="able">A bit for each candidate that the request can go to.</param>
    /// <returns>Null, or why there is none.</returns>
    public EdgeError? Apply(out ulong able)
    {
        (able, var tooLong, var first) = (0, 0UL, ExplainedState.Ready);
        foreach (var group in plan.Groups)
        {
            foreach (var target in group.Targets)
            {
                var why = Of(target);
                able |= why == ExplainedState.Ready ? target.Bits : 0;
                tooLong |= why == ExplainedState.TooLong ? target.Bits : 0;
                first = first == ExplainedState.Ready ? why : first;
            }
        }

        // Whoever has them counts tokens better than the edge does, and tells the caller in its own words.
        able = able == 0 ? tooLong : able;
        return able != 0 ? null : Explain(first);
    }

    /// <summary>Why a target is not for the request.</summary>
    public ExplainedState Of(PlanTarget target) =>
        exchange.Caller!.Key.AllowedModels is { } allowed && !Allows(allowed, target, names) ? ExplainedState.NotAllowed
        : named is not null && !IsOf(target, named.Id) ? ExplainedState.OtherProvider
        : (target.Without & content.RequiredAbilities) != 0 ? ExplainedState.CannotDo
        : exchange.Endpoint.Operation == Operation.Embeddings && !IsSameModel(target) ? ExplainedState.OtherVectors
        : target.ContextTokens is { } most && content.InputTokens + content.OutputTokens > most ? ExplainedState.TooLong
        : ExplainedState.Ready;

    /// <summary>The key's models have the target. A route may be allowed by its own name: only an administrator can say what it stands for.</summary>
    internal static bool Allows(AllowedModels allowed, PlanTarget target, (string Written, string Meant) names) =>
        allowed.Allows(target.Provider.Id, target.Model!) || allowed.Allows(target.Provider.Id, names.Written) || allowed.Allows(target.Provider.Id, names.Meant)
        || target.InPlaceOf.Any(one => allowed.Allows(one.Provider, one.Model));

    private static bool IsOf(PlanTarget target, string provider) => target.Provider.Id == provider || target.InPlaceOf.Any(one => one.Provider == provider);

    private bool IsSameModel(PlanTarget target) => NameOf(target.Model!).Equals(NameOf(plan.FirstModel!), StringComparison.OrdinalIgnoreCase);

    // Some providers put the model's maker before it.
    private static ReadOnlySpan<char> NameOf(string model) => model.AsSpan()[(model.LastIndexOf('/') + 1)..];

    /// <summary>Why nobody of a route can be asked by a caller, whatever the request.</summary>
    internal static EdgeError Explain(ExplainedState why, Caller caller, string route) => why == ExplainedState.NotAllowed
        ? EdgeError.Forbidden(Reasons.Explain(Reasons.ModelNotAllowed), Reasons.ModelNotAllowed) with { Param = "model" }
        : new EdgeError(ErrorKind.ProviderNotConfigured, $"The project has no {caller.Key.Environment.ToString().ToLowerInvariant()} credential for any target that the route '{route}' has for this request. Store one with POST /api/projects/{caller.Project.Id}/provider-keys.") { Param = "model" };

    private EdgeError Explain(ExplainedState why) => why switch
    {
        ExplainedState.OtherProvider => EdgeError.Invalid($"The route '{names.Meant}' has no target with the provider '{named!.Id}', which X-Cencori-Provider, or what the request names, is for.", "model"),
        ExplainedState.CannotDo => EdgeError.Invalid($"No target of the route '{names.Meant}' can do what the request asks for: {content.RequiredAbilities.ToString().ToLowerInvariant()}.", "model"),
        _ => Explain(why, exchange.Caller!, names.Meant),
    };
}
