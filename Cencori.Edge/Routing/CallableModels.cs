using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Routing;

/// <summary>What a caller can really call: models of providers, and the project's own names for them.</summary>
public sealed class CallableModels(ProviderCatalog catalog, ModelRouter router, TargetPlans plans)
{
    /// <summary>In the order of their names.</summary>
    public IEnumerable<string> Of(Caller caller) =>
        catalog.Models.Listed
            .Select(listed => listed.Model)
            .Concat(caller.Project.ModelAliases.Keys)
            .Concat(caller.Project.Routes.Keys)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Where(model => Refusal(caller, model) is null);

    /// <summary>Why the caller cannot call a model; null: it can.</summary>
    public EdgeError? Refusal(Caller caller, string model) => ProviderOf(caller, model, out _);

    /// <summary>The one that is asked first, sandbox or not.</summary>
    /// <returns>Null, or why the caller cannot call the model.</returns>
    public EdgeError? ProviderOf(Caller caller, string model, out ProviderDefinition? provider)
    {
        if (ModelRouter.RouteOf(caller.Project, model) is { } route)
        {
            return plans.FirstOf(caller, route, model, out provider);
        }

        var problem = router.Choose(caller, model, null, out var choice);
        provider = choice.Provider;
        return problem;
    }

    /// <summary>The provider that serves the model, also where the sandbox stands in for it; of a route, the one that stands first.</summary>
    public string OwnerOf(Caller caller, string model)
    {
        if (ModelRouter.RouteOf(caller.Project, model) is { } route)
        {
            return route.Groups[0].Targets[0].Provider;
        }

        var meant = caller.Project.ModelAliases.GetValueOrDefault(model, model);
        var separator = meant.AsSpan().IndexOfAny('/', ':');
        var owner = (separator > 0 ? catalog.Find(meant.AsSpan(0, separator)) : null) ?? (catalog.Models.Find(meant) is [var first, ..] ? first : null);
        return owner?.Id ?? "unknown";
    }
}
