using System.Collections.Immutable;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Tests.Routing.Selection;

/// <summary>Creates the plans that projects' settings lead to.</summary>
internal static class PlanOf
{
    public static ProviderDefinition Provider(string id) => new(id, CredentialScheme.Parse("Bearer")!, "/v1", [], TimeSpan.FromMinutes(10), NeedsBaseUrl: false);

    public static TargetPlan OpenAi(ImmutableArray<ProviderCredential> credentials) => TargetPlan.Of(Provider("openai"), credentials);

    /// <summary>A plan for a route with one group. Each target has its own provider, with the given number of credentials.</summary>
    public static TargetPlan Route(RouteBalance balance, TimeProvider time, params (int Weight, int Credentials)[] targets) => Route(balance, time, [targets]);

    /// <summary>A plan for a route with several groups.</summary>
    public static TargetPlan Route(RouteBalance balance, TimeProvider time, (int Weight, int Credentials)[][] groups, UncertainRepeat uncertain = UncertainRepeat.Once)
    {
        var plan = new TargetPlan(new ModelRoute { Name = "fast", Groups = [], Uncertain = uncertain });
        foreach (var (targets, group) in groups.Select((targets, group) => (targets, group)))
        {
            plan.Add(balance, targets.Select((target, place) => Target($"provider-{group}-{place}", target.Weight, target.Credentials)), (_, _) => new(time));
        }

        return plan;
    }

    private static (PlanTarget Target, ImmutableArray<ProviderCredential> Credentials) Target(string provider, int weight, int credentials) => (
        new PlanTarget(Provider(provider), "model") { Weight = weight },
        [.. Enumerable.Range(0, credentials).Select(place => new ProviderCredential(provider, KeyEnvironment.Production, "", "sk", null) { Id = $"cr_{provider}_{place}" })]);
}
