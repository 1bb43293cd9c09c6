using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Selection;

namespace Cencori.Edge.Routing;

/// <summary>The models that a caller can call: models of providers, and the project's own names for them.</summary>
public sealed class CallableModels(ProviderCatalog catalog, ModelRouter router, TargetPlans plans)
{
    /// <summary>The callable models, sorted by name.</summary>
    public IEnumerable<string> Of(Caller caller) =>
        catalog.Models.Listed
            .Select(listed => listed.Model)
            .Concat(caller.Project.ModelAliases.Keys)
            .Concat(caller.Project.Routes.Keys)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Where(model => Refusal(caller, model) is null);

    /// <summary>Returns the reason why the caller cannot call a model. Null: the caller can.</summary>
    public EdgeError? Refusal(Caller caller, string model) => ProviderOf(caller, model, out _);

    /// <summary>Finds the provider that a request for the model goes to first. It may be the sandbox.</summary>
    /// <returns>Null, or the reason why the caller cannot call the model.</returns>
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

    /// <summary>The id of the provider that has the model, even if requests for it go to the sandbox. For a route: the provider of its first target.</summary>
    public string OwnerOf(Caller caller, string model)
    {
        if (ModelRouter.RouteOf(caller.Project, model) is { } route)
        {
            return route.Groups[0].Targets[0].Provider;
        }

        var resolved = caller.Project.ModelAliases.GetValueOrDefault(model, model);
        var separator = resolved.AsSpan().IndexOfAny('/', ':');
        var owner = (separator > 0 ? catalog.Find(resolved.AsSpan(0, separator)) : null) ?? (catalog.Models.Find(resolved) is [var first, ..] ? first : null);
        return owner?.Id ?? "unknown";
    }
}
