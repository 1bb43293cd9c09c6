using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>Whom requests can go to, worked out once for each project's settings and the providers in force.</summary>
public sealed class TargetPlans(ProviderCatalog catalog, TargetTable table, Canaries canaries)
{
    // They end with the project's settings that they are made from.
    private readonly ConditionalWeakTable<ProjectSnapshot, OfProject> _plans = [];

    /// <summary>All of a project's credentials with one provider.</summary>
    /// <returns>Null: there are not several.</returns>
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

    /// <summary>What of a project's requests has to be known before it is known whom they can go to.</summary>
    internal NotedFields NotingOf(ProjectSnapshot project) => project.Routes.Count == 0 ? NotedFields.None : PlansOf(project).Noting;

    /// <summary>Whom a request for a route can go to.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="content">What was read of it.</param>
    /// <param name="route">What its model stands for.</param>
    /// <param name="named">The provider that the request names; null: none.</param>
    /// <param name="plan">Everybody.</param>
    /// <param name="able">A bit for each of its candidates that is for the request.</param>
    /// <returns>Null, or why there is none.</returns>
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

    /// <summary>Who stands first of those that the caller can ask by a route, whatever a request of it may want.</summary>
    /// <returns>Null, or why there is none.</returns>
    internal EdgeError? FirstOf(Caller caller, ModelRoute route, string written, out ProviderDefinition? provider)
    {
        var plan = Of(caller, route, route.Groups, rule: -1);
        var all = plan.Groups.SelectMany(group => group.Targets).Where(target => target.Bits != 0).ToList();
        var first = all.Find(target => caller.Key.AllowedModels is not { } allowed || RouteFilter.Allows(allowed, target, (written, route.Name)));
        provider = first?.Provider;
        return first is not null ? null : RouteFilter.Explain(all.Count == 0 ? ExplainedState.NoCredential : ExplainedState.NotAllowed, caller, route.Name);
    }

    /// <summary>Where the key's environment has nobody, a test key's requests go to the sandbox, as they do for a provider's own model.</summary>
    internal TargetPlan Of(Caller caller, ModelRoute route, ImmutableArray<RouteGroup> groups, int rule)
    {
        var plans = PlansOf(caller.Project).Plans;
        var key = new PlanKey(route.Name, caller.Key.Environment, rule);
        return plans.TryGetValue(key, out var known) ? known : plans.GetOrAdd(key, Make(caller.Project, caller.Key.Environment, route, groups, rule));
    }

    /// <summary>As <see cref="Of(Caller, ModelRoute, ImmutableArray{RouteGroup}, int)"/>, and forgotten.</summary>
    /// <param name="project">Whose.</param>
    /// <param name="environment">Of the caller's key.</param>
    /// <param name="route">Which.</param>
    /// <param name="groups">Of the route, or of one of its rules.</param>
    /// <param name="rule">The rule's place, -1 without one; null: the route is not in force, and nothing is known of its canaries.</param>
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

        // One that cannot be used is told of, as without a route.
        var hasNone = groups.All(group => group.Targets.All(target => project.CredentialsOf(target.Provider, environment).IsEmpty));
        if (plan.Candidates.IsEmpty && hasNone && environment == KeyEnvironment.Test && catalog.Find(ProviderDefinition.SandboxId) is { } sandbox)
        {
            plan = new TargetPlan(route) { ProjectId = project.Id, FirstModel = groups[0].Targets[0].Model };
            plan.Add(RouteBalance.Weighted, [(new PlanTarget(sandbox, groups[0].Targets[0].Model) { InPlaceOf = [.. groups.SelectMany(group => group.Targets)] }, [])], table.LoadOf);
        }

        return plan;
    }

    /// <summary>All that requests could go to of late, some of them more than once.</summary>
    internal IEnumerable<Candidate> Candidates() =>
        _plans.Where(one => one.Value.Models == catalog.Models).SelectMany(static one => one.Value.Plans.Values).SelectMany(static plan => plan.Candidates);

    // Those whose provider the operator has taken away since are left out.
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

        plans = new(models, RouteMatch.Noting(project));
        _plans.AddOrUpdate(project, plans);
        return plans;
    }

    // A rule of a route; without one it is a provider.
    private readonly record struct PlanKey(string Name, KeyEnvironment Environment, int? Rule);

    // The table of models is another whenever the providers are.
    private sealed record OfProject(ModelTable Models, NotedFields Noting)
    {
        public ConcurrentDictionary<PlanKey, TargetPlan> Plans { get; } = new();
    }
}
