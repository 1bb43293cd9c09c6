using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Routing;

/// <summary>Why a request of a route is not for one of its targets, from a closed list.</summary>
internal enum Unfit
{
    None,

    /// <summary>The key's models do not have it.</summary>
    NotAllowed,

    /// <summary>The request names another provider.</summary>
    OtherProvider,

    /// <summary>It cannot do what the request asks for.</summary>
    CannotDo,

    /// <summary>The request and its answer are longer than what it reads and writes.</summary>
    TooLong,

    /// <summary>Vectors of one model say nothing to another's.</summary>
    OtherVectors,
}

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
        (able, var tooLong, var first) = (0, 0UL, Unfit.None);
        foreach (var group in plan.Groups)
        {
            foreach (var target in group.Targets)
            {
                var why = Of(target);
                able |= why == Unfit.None ? target.Bits : 0;
                tooLong |= why == Unfit.TooLong ? target.Bits : 0;
                first = first == Unfit.None ? why : first;
            }
        }

        // Whoever has them counts tokens better than the edge does, and tells the caller in its own words.
        able = able == 0 ? tooLong : able;
        return able != 0 ? null : Explain(first);
    }

    /// <summary>Why a target is not for the request.</summary>
    public Unfit Of(PlanTarget target) =>
        exchange.Caller!.Key.AllowedModels is { } allowed && !Allows(allowed, target) ? Unfit.NotAllowed
        : named is not null && named.Id != target.Provider.Id ? Unfit.OtherProvider
        : (target.Without & content.Asks) != 0 ? Unfit.CannotDo
        : exchange.Endpoint.Operation == Operation.Embeddings && !IsSameModel(target) ? Unfit.OtherVectors
        : target.ContextTokens is { } most && content.InputTokens + content.OutputTokens > most ? Unfit.TooLong
        : Unfit.None;

    // The route may be allowed by its own name: only an administrator can say what it stands for.
    private bool Allows(Models.AllowedModels allowed, PlanTarget target) =>
        allowed.Allows(target.Provider.Id, target.Model!) || allowed.Allows(target.Provider.Id, names.Written) || allowed.Allows(target.Provider.Id, names.Meant);

    private bool IsSameModel(PlanTarget target) => NameOf(target).Equals(NameOf(plan.Groups[0].Targets[0]), StringComparison.OrdinalIgnoreCase);

    // Some providers put the model's maker before it.
    private static ReadOnlySpan<char> NameOf(PlanTarget target) => target.Model.AsSpan()[(target.Model!.LastIndexOf('/') + 1)..];

    private EdgeError Explain(Unfit why) => why switch
    {
        Unfit.NotAllowed => EdgeError.Forbidden(Reasons.Explain(Reasons.ModelNotAllowed), Reasons.ModelNotAllowed) with { Param = "model" },
        Unfit.OtherProvider => EdgeError.Invalid($"The route '{names.Meant}' has no target with the provider '{named!.Id}' of X-Cencori-Provider.", "X-Cencori-Provider"),
        Unfit.CannotDo => EdgeError.Invalid($"No target of the route '{names.Meant}' can do what the request asks for: {content.Asks.ToString().ToLowerInvariant()}.", "model"),
        _ => new EdgeError(ErrorKind.ProviderNotConfigured, $"The project has no {exchange.Caller!.Key.Environment.ToString().ToLowerInvariant()} credential for any target of the route '{names.Meant}'. Store one with POST /api/projects/{exchange.Caller.Project.Id}/provider-keys.") { Param = "model" },
    };
}
