using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Models;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Selection;

namespace Cencori.Edge.Routing.Routes;

/// <summary>Selects the targets of a plan that can serve a request. Pure: no I/O.</summary>
/// <param name="exchange">The request.</param>
/// <param name="content">The request body as read.</param>
/// <param name="plan">The targets of the route.</param>
/// <param name="names">The model name that the caller wrote, and the route that it stands for.</param>
/// <param name="named">The provider that the request names; null: none.</param>
internal readonly struct RouteFilter(Exchange exchange, RequestContent content, TargetPlan plan, (string Written, string Meant) names, ProviderDefinition? named)
{
    /// <param name="able">One bit per candidate, set if the candidate can serve the request.</param>
    /// <returns>Null, or the reason why no target fits.</returns>
    public EdgeError? Apply(out ulong able)
    {
        (able, var tooLong, var first) = (0, 0UL, ExplainedState.Ready);
        foreach (var group in plan.Groups)
        {
            foreach (var target in group.Targets)
            {
                var reason = Of(target);
                able |= reason == ExplainedState.Ready ? target.Bits : 0;
                tooLong |= reason == ExplainedState.TooLong ? target.Bits : 0;
                first = first == ExplainedState.Ready ? reason : first;
            }
        }

        // If the request is too long for every target by the edge's estimate, it is sent anyway: the provider counts exactly, and its error is more precise.
        able = able == 0 ? tooLong : able;
        return able != 0 ? null : Explain(first);
    }

    /// <summary>Returns the first reason why a target does not fit the request, or <see cref="ExplainedState.Ready"/>.</summary>
    public ExplainedState Of(PlanTarget target) =>
        exchange.Caller!.Key.AllowedModels is { } allowed && !Allows(allowed, target, names) ? ExplainedState.NotAllowed
        : named is not null && !IsOf(target, named.Id) ? ExplainedState.OtherProvider
        : (target.Without & content.RequiredAbilities) != 0 ? ExplainedState.CannotDo
        : exchange.Endpoint.Operation == Operation.Embeddings && !IsSameModel(target) ? ExplainedState.OtherVectors
        : target.ContextTokens is { } max && content.InputTokens + content.OutputTokens > max ? ExplainedState.TooLong
        : ExplainedState.Ready;

    /// <summary>Whether the key's allowed models include the target. They may also name the route, because only an administrator can define the route's targets.</summary>
    internal static bool Allows(AllowedModels allowed, PlanTarget target, (string Written, string Meant) names) =>
        allowed.Allows(target.Provider.Id, target.Model!) || allowed.Allows(target.Provider.Id, names.Written) || allowed.Allows(target.Provider.Id, names.Meant)
        || target.ReplacedTargets.Any(one => allowed.Allows(one.Provider, one.Model));

    private static bool IsOf(PlanTarget target, string provider) => target.Provider.Id == provider || target.ReplacedTargets.Any(one => one.Provider == provider);

    private bool IsSameModel(PlanTarget target) => NameOf(target.Model!).Equals(NameOf(plan.FirstModel!), StringComparison.OrdinalIgnoreCase);

    // The model name without its maker, which some providers write before it.
    private static ReadOnlySpan<char> NameOf(string model) => model.AsSpan()[(model.LastIndexOf('/') + 1)..];

    /// <summary>Creates the error for a route without a usable target: the key allows no target, or the project has no credential for any.</summary>
    internal static EdgeError Explain(ExplainedState reason, Caller caller, string route) => reason == ExplainedState.NotAllowed
        ? EdgeError.Forbidden(Reasons.Explain(Reasons.ModelNotAllowed), Reasons.ModelNotAllowed) with { Param = "model" }
        : new EdgeError(ErrorKind.ProviderNotConfigured, $"The project has no {caller.Key.Environment.ToString().ToLowerInvariant()} credential for any target that the route '{route}' has for this request. Store one with POST /api/projects/{caller.Project.Id}/provider-keys.") { Param = "model" };

    private EdgeError Explain(ExplainedState reason) => reason switch
    {
        ExplainedState.OtherProvider => EdgeError.Invalid($"The route '{names.Meant}' has no target with the provider '{named!.Id}', but X-Cencori-Provider, or a stored object that the request names, requires that provider.", "model"),
        ExplainedState.CannotDo => EdgeError.Invalid($"No target of the route '{names.Meant}' can do what the request asks for: {content.RequiredAbilities.ToString().ToLowerInvariant()}.", "model"),
        _ => Explain(reason, exchange.Caller!, names.Meant),
    };
}
