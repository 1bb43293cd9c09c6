using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Routing.Selection;

/// <summary>The possible targets of a class of requests, computed once. Immutable except for the shared <see cref="TargetLoad"/>s.</summary>
internal sealed partial class TargetPlan
{
    /// <summary>Maximum number of candidates, because a <c>ulong</c> has one bit per candidate. Further candidates are left out.</summary>
    public const int Max = 64;

    /// <summary>Creates an empty plan.</summary>
    /// <param name="route">The route. Null: the plan is for a provider's own models.</param>
    public TargetPlan(ModelRoute? route) => Route = route;

    /// <summary>The route. Null: the plan has the credentials of one provider.</summary>
    public ModelRoute? Route { get; }

    public ImmutableArray<PlanGroup> Groups { get; private set; } = [];

    /// <summary>Ordered by group, target and rank. In every bit mask of candidates, bit n stands for the candidate with index n.</summary>
    public ImmutableArray<Candidate> Candidates { get; private set; } = [];

    /// <summary>One bit per candidate, set if the weight of its credential is 0. Such a candidate is used only if no other candidate remains.</summary>
    public ulong Drained { get; private set; }

    /// <summary>One bit per candidate, set if its target has weight 0. Such a candidate is used only if no other candidate of its group remains.</summary>
    public ulong Idle { get; private set; }

    /// <summary>One bit per candidate, set if the project has set rate limits for the credential of the candidate.</summary>
    public ulong Limited { get; private set; }

    /// <summary>The project of the plan.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>The model of the route's first target, usable or not. Null: there is no route.</summary>
    public string? FirstModel { get; init; }

    public int Attempts => Route?.Attempts ?? ModelRoute.DefaultAttempts;

    public UncertainRepeat Uncertain => Route?.Uncertain ?? UncertainRepeat.Never;

    /// <summary>Whether prompt affinity decides in some group.</summary>
    public bool MayKeepPrompts { get; private set; }

    /// <summary>The error message if every target has said to wait.</summary>
    public string AllRateLimitedMessage => Route is { } route
        ? $"Every target of the route '{route.Name}' has rate-limited the project."
        : $"The provider '{Candidates[0].Target.Provider.Id}' has rate-limited the project's credentials.";

    /// <summary>Names the limited credentials in an error message.</summary>
    public string Credentials => Route is { } route ? $"the credentials of the route '{route.Name}'" : $"its credentials for the provider '{Candidates[0].Target.Provider.Id}'";

    /// <summary>Creates the plan for one provider's models.</summary>
    public static TargetPlan Of(ProviderDefinition provider, ImmutableArray<ProviderCredential> credentials)
    {
        var plan = new TargetPlan(route: null);
        plan.Add(RouteBalance.Weighted, [(new PlanTarget(provider, null), credentials)], loadOf: null);
        return plan;
    }

    /// <summary>Adds a group. Its targets are used after the targets of the groups that were added before.</summary>
    /// <param name="balance">How the group picks its target.</param>
    /// <param name="targets">The targets with their credentials, ordered by rank; null for a target that needs no credential.</param>
    /// <param name="loadOf">Finds the load of a credential and model; null: loads are not tracked.</param>
    public void Add(RouteBalance balance, IEnumerable<(PlanTarget Target, ImmutableArray<ProviderCredential> Credentials)> targets, Func<string, string?, TargetLoad>? loadOf)
    {
        var candidates = Candidates.ToBuilder();
        var places = new List<PlanTarget>();
        foreach (var (target, credentials) in targets)
        {
            var first = candidates.Count;
            foreach (var credential in target.NeedsCredential ? credentials.Where(one => one.Secret is not null && target.IsFor(one)) : (IEnumerable<ProviderCredential?>)[null])
            {
                if (candidates.Count < Max)
                {
                    // A target without credential gets an id per project and model, so that its cool-downs stay separate.
                    var id = credential?.Id ?? $"{target.Provider.Id}/{target.Model}/{ProjectId}";
                    Drained |= credential?.Weight == 0 ? 1UL << candidates.Count : 0;
                    Limited |= credential?.Limits is not null ? 1UL << candidates.Count : 0;
                    Idle |= target.Weight == 0 ? 1UL << candidates.Count : 0;
                    candidates.Add(new(target, credential, id, HashOf(id, target), loadOf?.Invoke(id, target.Model)));
                }
            }

            target.Bits = Between(first, candidates.Count);
            places.Add(target);
        }

        MayKeepPrompts |= TargetPicker.KeepsPrompts(balance) && candidates.Count - Candidates.Length > 1;
        Candidates = candidates.ToImmutable();
        Groups = Groups.Add(new(balance, [.. places], places.Aggregate(0UL, (bits, target) => bits | target.Bits)));
    }

    /// <summary>Returns provider, credential and model of a candidate.</summary>
    /// <param name="place">The candidate's index.</param>
    /// <param name="model">The requested model, used if the target names none; empty: none.</param>
    public ProviderChoice ChoiceOf(int place, string model) =>
        Candidates[place] is var (target, credential, _, _, _) ? new(target.Provider, credential, target.Model ?? (model.Length > 0 ? model : null)) : default;

    /// <summary>Returns the first of some candidates. Drained candidates and targets of weight 0 come last.</summary>
    /// <param name="able">One bit per candidate, set if the candidate can serve the request. At least one bit is set.</param>
    public int First(ulong able)
    {
        var usual = able & ~Drained & ~Idle;
        usual = usual != 0 ? usual : able & ~Drained;
        return BitOperations.TrailingZeroCount(usual != 0 ? usual : able);
    }

    /// <summary>Returns the first candidate of the first usable group, if the group of the candidate at <paramref name="place"/> comes later.</summary>
    /// <param name="place">The candidate's index.</param>
    /// <param name="able">One bit per candidate, set if the candidate can serve the request.</param>
    /// <returns>-1: the candidate's group is the first.</returns>
    public int FindInEarlierGroup(int place, ulong able)
    {
        foreach (var group in Groups)
        {
            if ((group.Bits & able) != 0)
            {
                return (group.Bits >> place & 1) != 0 ? -1 : BitOperations.TrailingZeroCount(group.Bits & able);
            }
        }

        return -1;
    }

    /// <summary>Returns a candidate of the most expensive target of the first usable group.</summary>
    /// <param name="open">One bit per candidate, set if the candidate can be asked. At least one bit is set.</param>
    /// <param name="priceOf">The price of a target. Null: prices do not matter.</param>
    public int MostExpensive(ulong open, Func<PlanTarget, decimal?>? priceOf)
    {
        var group = Groups.First(group => (group.Bits & open) != 0);
        var mostExpensive = group.Targets.Where(target => (target.Bits & open) != 0).MaxBy(target => priceOf?.Invoke(target) ?? -1)!;
        return BitOperations.TrailingZeroCount(mostExpensive.Bits & open);
    }

    /// <summary>One bit per candidate, set if the candidate has the same address as the candidate at <paramref name="place"/>.</summary>
    public ulong FindAtSameAddress(int place)
    {
        var (mine, same) = (Candidates[place], 0UL);
        for (var other = 0; other < Candidates.Length; other++)
        {
            var its = Candidates[other];
            same |= its.Target.Provider.Id == mine.Target.Provider.Id && its.Credential?.BaseUrl?.Authority == mine.Credential?.BaseUrl?.Authority ? 1UL << other : 0;
        }

        return same;
    }

    /// <summary>One bit per candidate, set if its context window is larger than that of the candidate at <paramref name="place"/>. If the window at
    /// <paramref name="place"/> is unknown, every known window counts as larger.</summary>
    public ulong LargerThan(int place)
    {
        var (max, larger) = (Candidates[place].Target.ContextTokens ?? 0, 0UL);
        foreach (var group in Groups)
        {
            larger = group.Targets.Where(target => target.ContextTokens > max).Aggregate(larger, static (bits, target) => bits | target.Bits);
        }

        return larger;
    }

    /// <summary>One bit per candidate, set if the candidate has responded recently.</summary>
    public ulong FindResponsive()
    {
        ulong known = 0;
        for (var place = 0; place < Candidates.Length; place++)
        {
            known |= Candidates[place].Load?.HasResponded == true ? 1UL << place : 0;
        }

        return known;
    }

    // C# shifts a ulong by the count modulo 64, so a shift by 64 changes nothing.
    private static ulong Between(int first, int end) => first == end ? 0 : (end == Max ? ulong.MaxValue : (1UL << end) - 1) & ~((1UL << first) - 1);

    // The hash is equal on all edges, so that all edges pick alike.
    private static ulong HashOf(string id, PlanTarget target) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{target.Provider.Id}\n{target.Model}")));
}

/// <summary>A group of targets that can replace each other.</summary>
/// <param name="Balance">How the group picks its target.</param>
/// <param name="Targets">The targets in configured order.</param>
/// <param name="Bits">One bit per candidate of the plan, set if the candidate belongs to the group.</param>
internal sealed record PlanGroup(RouteBalance Balance, ImmutableArray<PlanTarget> Targets, ulong Bits)
{
    /// <summary>The trial of the group's canaries. Null: the group has no canaries, or they are not watched.</summary>
    public CanaryTrial? Trial { get; init; }
}

/// <summary>A model of a provider.</summary>
/// <param name="provider">The provider.</param>
/// <param name="model">The model by the provider's own name. Null: the requested model.</param>
internal sealed class PlanTarget(ProviderDefinition provider, string? model)
{
    public ProviderDefinition Provider { get; } = provider;

    public string? Model { get; } = model;

    /// <inheritdoc cref="RouteTarget.Weight"/>
    public int Weight { get; init; } = RouteTarget.DefaultWeight;

    /// <inheritdoc cref="RouteTarget.Without"/>
    public ModelAbilities Without { get; init; }

    /// <inheritdoc cref="RouteTarget.ContextTokens"/>
    public long? ContextTokens { get; init; }

    /// <summary>The route targets that the sandbox replaces. Empty: the target is no sandbox, or the route names the sandbox itself.</summary>
    public ImmutableArray<RouteTarget> ReplacedTargets { get; init; } = [];

    /// <summary>One bit per candidate of the plan, set if the candidate belongs to this target.</summary>
    public ulong Bits { get; set; }

    public bool NeedsCredential => Provider.Id != ProviderDefinition.SandboxId;

    public bool IsFor(ProviderCredential credential) => Model is null || credential.Models?.Allows(Provider.Id, Model) != false;
}

/// <summary>A target together with one of its credentials.</summary>
/// <param name="Target">The target.</param>
/// <param name="Credential">Null only for the sandbox.</param>
/// <param name="Id">The credential's id, or a made-up id for a target without credential.</param>
/// <param name="Hash">A hash of credential, provider and model. It does not depend on the position of the candidate.</param>
/// <param name="Load">The load. Null: not tracked.</param>
internal readonly record struct Candidate(PlanTarget Target, ProviderCredential? Credential, string Id, ulong Hash, TargetLoad? Load)
{
    public int Rank => Credential?.Rank ?? 0;

    public int Weight => Credential?.Weight ?? 1;

    /// <summary>The key of the candidate's cool-downs.</summary>
    /// <param name="model">The model of the cool-down. Null: every model.</param>
    /// <param name="endpoint">The endpoint of the cool-down. Null: every endpoint.</param>
    public Target Of(string? model, string? endpoint = null) => Credential is null ? new(Id, model, endpoint) : Health.Target.Of(Credential, model, endpoint);
}
