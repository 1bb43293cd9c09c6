using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Routes;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing.Selection;

/// <summary>The possible targets of requests, computed once per project snapshot and set of providers.</summary>
public sealed class TargetPlans(ProviderCatalog catalog, TargetTable table, Canaries canaries)
{
    // An entry lives as long as the project snapshot that it was made from.
    private readonly ConditionalWeakTable<ProjectSnapshot, OfProject> _plans = [];

    /// <summary>The plan over all credentials that a project has with one provider.</summary>
    /// <returns>The plan. Null: the project has fewer than two credentials with the provider.</returns>
    internal TargetPlan? Of(ProjectSnapshot project, ProviderDefinition provider, KeyEnvironment environment)
    {
        if (project.CredentialsOf(provider.Id, environment) is not { Length: > 1 } credentials)
        {
            return null;
        }

        var plans = PlansOf(project).Plans;
        var key = new PlanKey(provider.Id, environment, Rule: null);
        return plans.TryGetValue(key, out var known) ? known : plans.GetOrAdd(key, TargetPlan.Of(provider, credentials));
    }

    /// <summary>The fields of a request body that must be read before its targets can be chosen.</summary>
    internal NotedFields FieldsToNote(ProjectSnapshot project) => project.Routes.Count == 0 ? NotedFields.None : PlansOf(project).FieldsToNote;

    /// <summary>Finds the targets that can serve a request of a route.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="content">The request body as read.</param>
    /// <param name="route">The route that the request's model stands for.</param>
    /// <param name="named">The provider that the request names; null: none.</param>
    /// <param name="plan">All targets of the route.</param>
    /// <param name="able">One bit per candidate, set if the candidate can serve the request.</param>
    /// <returns>Null, or the reason why no target fits.</returns>
    internal EdgeError? Choose(Exchange exchange, RequestContent content, ModelRoute route, string? named, out TargetPlan plan, out ulong able)
    {
        var (groups, rule) = RouteMatch.Of(route, exchange, content);
        plan = Of(exchange.Caller!, route, groups, rule);
        able = 0;
        if (named is null || catalog.Find(named) is { } provider)
        {
            return new RouteFilter(exchange, content, plan, (content.Model!, route.Name), named is null ? null : catalog.Find(named)).Apply(out able);
        }

        return ModelRouter.UnknownProvider;
    }

    /// <summary>Finds the first provider that the caller can reach by a route, whatever the request.</summary>
    /// <returns>Null, or the reason why there is none.</returns>
    internal EdgeError? FirstOf(Caller caller, ModelRoute route, string written, out ProviderDefinition? provider)
    {
        var plan = Of(caller, route, route.Groups, rule: -1);
        var all = plan.Groups.SelectMany(group => group.Targets).Where(target => target.Bits != 0).ToList();
        var first = all.Find(target => caller.Key.AllowedModels is not { } allowed || RouteFilter.Allows(allowed, target, (written, route.Name)));
        provider = first?.Provider;
        return first is not null ? null : RouteFilter.Explain(all.Count == 0 ? ExplainedState.NoCredential : ExplainedState.NotAllowed, caller, route.Name);
    }

    /// <summary>Returns the cached plan of a route. If the project has no test credential for any target, a test key's requests go to the sandbox, as without a route.</summary>
    internal TargetPlan Of(Caller caller, ModelRoute route, ImmutableArray<RouteGroup> groups, int rule)
    {
        var plans = PlansOf(caller.Project).Plans;
        var key = new PlanKey(route.Name, caller.Key.Environment, rule);
        return plans.TryGetValue(key, out var known) ? known : plans.GetOrAdd(key, Make(caller.Project, caller.Key.Environment, route, groups, rule));
    }

    /// <summary>Creates a plan as <see cref="Of(Caller, ModelRoute, ImmutableArray{RouteGroup}, int)"/> does, without caching it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="environment">The environment of the caller's key.</param>
    /// <param name="route">The route.</param>
    /// <param name="groups">The groups of the route, or of one of its rules.</param>
    /// <param name="rule">The rule's index, -1 for the route's own groups. Null: the route is not saved, so its canaries are not watched.</param>
    internal TargetPlan Make(ProjectSnapshot project, KeyEnvironment environment, ModelRoute route, ImmutableArray<RouteGroup> groups, int? rule)
    {
        var plan = new TargetPlan(route) { ProjectId = project.Id, FirstModel = groups[0].Targets[0].Model };
        foreach (var (place, group) in groups.Index())
        {
            plan.Add(group.Balance, Known(group.Targets).Select(target => (target, project.CredentialsOf(target.Provider.Id, environment))), table.LoadOf);
            if (rule is { } ofRule && group is { Balance: RouteBalance.Split, AutoStop: true })
            {
                plan.Watch(canaries.TrialOf(new(project.Id, environment, route.Name, ofRule, place), plan, plan.Groups[^1]));
            }
        }

        // The sandbox replaces the targets only if no credential is stored. A stored credential that cannot be used causes an error, as without a route.
        var hasNone = groups.All(group => group.Targets.All(target => project.CredentialsOf(target.Provider, environment).IsEmpty));
        if (plan.Candidates.IsEmpty && hasNone && environment == KeyEnvironment.Test && catalog.Find(ProviderDefinition.SandboxId) is { } sandbox)
        {
            plan = new TargetPlan(route) { ProjectId = project.Id, FirstModel = groups[0].Targets[0].Model };
            plan.Add(RouteBalance.Weighted, [(new PlanTarget(sandbox, groups[0].Targets[0].Model) { ReplacedTargets = [.. groups.SelectMany(group => group.Targets)] }, [])], table.LoadOf);
        }

        return plan;
    }

    /// <summary>The candidates of all current plans. May contain duplicates.</summary>
    internal IEnumerable<Candidate> Candidates() =>
        _plans.Where(one => one.Value.Models == catalog.Models).SelectMany(static one => one.Value.Plans.Values).SelectMany(static plan => plan.Candidates);

    // Leaves out targets whose provider the operator has removed.
    private IEnumerable<PlanTarget> Known(ImmutableArray<RouteTarget> targets) => targets
        .Select(target => (Target: target, Provider: catalog.Find(target.Provider)))
        .Where(one => one.Provider is not null)
        .Select(one => new PlanTarget(one.Provider!, one.Target.Model) { Weight = one.Target.Weight, Without = one.Target.Without, ContextTokens = one.Target.ContextTokens });

    private OfProject PlansOf(ProjectSnapshot project)
    {
        var models = catalog.Models;
        if (_plans.TryGetValue(project, out var plans) && plans.Models == models)
        {
            return plans;
        }

        plans = new(models, RouteMatch.FieldsToNote(project));
        _plans.AddOrUpdate(project, plans);
        return plans;
    }

    // Identifies a plan. Name is a route, and Rule the index of the route's rule (-1: its own groups). If Rule is null, Name is a provider.
    private readonly record struct PlanKey(string Name, KeyEnvironment Environment, int? Rule);

    // The plans of a project. Every change of the providers creates a new model table, so a plan with another table is stale.
    private sealed record OfProject(ModelTable Models, NotedFields FieldsToNote)
    {
        public ConcurrentDictionary<PlanKey, TargetPlan> Plans { get; } = new();
    }
}
