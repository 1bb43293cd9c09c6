using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Routing;

/// <summary>Whom some requests can go to, worked out once for all of them. Immutable but for the <see cref="TargetLoad"/>s, which are shared.</summary>
internal sealed partial class TargetPlan
{
    /// <summary>Candidates at most, so that a bit stands for each. Those that come last are left out.</summary>
    public const int Most = 64;

    /// <summary>Begins it without anybody.</summary>
    /// <param name="route">Null: it is for a provider's own name of a model.</param>
    public TargetPlan(ModelRoute? route) => Route = route;

    /// <summary>Null: the several credentials with one provider.</summary>
    public ModelRoute? Route { get; }

    public ImmutableArray<PlanGroup> Groups { get; private set; } = [];

    /// <summary>By group, target and rank.</summary>
    public ImmutableArray<Candidate> Candidates { get; private set; } = [];

    /// <summary>A bit for each whose credential is not to be used while there is another.</summary>
    public ulong Drained { get; private set; }

    /// <summary>A bit for each whose target is asked only where no other of its group can be.</summary>
    public ulong Idle { get; private set; }

    /// <summary>A bit for each whose credential has limits of the project's own.</summary>
    public ulong Limited { get; private set; }

    /// <summary>Whose plan it is.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>The model that stands first in the route, whether anybody has it or not. Null: there is no route.</summary>
    public string? FirstModel { get; init; }

    public int Attempts => Route?.Attempts ?? ModelRoute.DefaultAttempts;

    public UncertainRepeat Uncertain => Route?.Uncertain ?? UncertainRepeat.Never;

    /// <summary>A prompt decides who is asked, of some group.</summary>
    public bool MayKeepPrompts { get; private set; }

    /// <summary>What a caller is told where everybody has said to wait.</summary>
    public string AllWait => Route is { } route
        ? $"All that the route '{route.Name}' could ask have told the project to wait."
        : $"The provider '{Candidates[0].Target.Provider.Id}' has told the project's credentials to wait.";

    /// <summary>Whose limits they are, for who is told that they are reached.</summary>
    public string Credentials => Route is { } route ? $"the credentials of the route '{route.Name}'" : $"its credentials with '{Candidates[0].Target.Provider.Id}'";

    /// <summary>All that can be asked for one provider's models.</summary>
    public static TargetPlan Of(ProviderDefinition provider, ImmutableArray<ProviderCredential> credentials)
    {
        var plan = new TargetPlan(route: null);
        plan.Add(RouteBalance.Weighted, [(new PlanTarget(provider, null), credentials)], loadOf: null);
        return plan;
    }

    /// <summary>Adds who is asked after those before.</summary>
    /// <param name="balance">Who of them.</param>
    /// <param name="targets">With their credentials, by rank; null for one who needs none.</param>
    /// <param name="loadOf">Whose load is to be known; null: nobody's.</param>
    public void Add(RouteBalance balance, IEnumerable<(PlanTarget Target, ImmutableArray<ProviderCredential> Credentials)> targets, Func<string, string?, TargetLoad>? loadOf)
    {
        var candidates = Candidates.ToBuilder();
        var places = new List<PlanTarget>();
        foreach (var (target, credentials) in targets)
        {
            var first = candidates.Count;
            foreach (var credential in target.NeedsCredential ? credentials.Where(one => one.Secret is not null && target.IsFor(one)) : (IEnumerable<ProviderCredential?>)[null])
            {
                if (candidates.Count < Most)
                {
                    // Who needs no credential is not the same for two projects, and says nothing of its other models.
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

    /// <summary>Where a candidate's requests go.</summary>
    /// <param name="place">The candidate's.</param>
    /// <param name="model">The one that is asked for, where its target names none; empty: none.</param>
    public ProviderChoice ChoiceOf(int place, string model) =>
        Candidates[place] is var (target, credential, _, _, _) ? new(target.Provider, credential, target.Model ?? (model.Length > 0 ? model : null)) : default;

    /// <summary>The first of some, which is not one that others go before if that can be.</summary>
    /// <param name="able">A bit for each. Not none.</param>
    public int First(ulong able)
    {
        var usual = able & ~Drained & ~Idle;
        usual = usual != 0 ? usual : able & ~Drained;
        return BitOperations.TrailingZeroCount(usual != 0 ? usual : able);
    }

    /// <summary>The first of a group that goes before a candidate's.</summary>
    /// <param name="place">The candidate's.</param>
    /// <param name="able">A bit for each that can do what is asked.</param>
    /// <returns>-1: its group is the first.</returns>
    public int BeforeGroupOf(int place, ulong able)
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

    /// <summary>A candidate of the dearest target of the first group that has any.</summary>
    /// <param name="open">A bit for each that can be asked. Not none.</param>
    /// <param name="priceOf">Null: nobody wants to know.</param>
    public int Dearest(ulong open, Func<PlanTarget, decimal?>? priceOf)
    {
        var group = Groups.First(group => (group.Bits & open) != 0);
        var dearest = group.Targets.Where(target => (target.Bits & open) != 0).MaxBy(target => priceOf?.Invoke(target) ?? -1)!;
        return BitOperations.TrailingZeroCount(dearest.Bits & open);
    }

    /// <summary>A bit for each that is at the same address as the one.</summary>
    public ulong AtAddressOf(int place)
    {
        var (mine, same) = (Candidates[place], 0UL);
        for (var other = 0; other < Candidates.Length; other++)
        {
            var its = Candidates[other];
            same |= its.Target.Provider.Id == mine.Target.Provider.Id && its.Credential?.BaseUrl?.Authority == mine.Credential?.BaseUrl?.Authority ? 1UL << other : 0;
        }

        return same;
    }

    /// <summary>A bit for each that is known to read and write more than the one; where nobody has said how much that is, for each of which it is known at all.</summary>
    public ulong LargerThan(int place)
    {
        var (most, larger) = (Candidates[place].Target.ContextTokens ?? 0, 0UL);
        foreach (var group in Groups)
        {
            larger = group.Targets.Where(target => target.ContextTokens > most).Aggregate(larger, static (bits, target) => bits | target.Bits);
        }

        return larger;
    }

    /// <summary>A bit for each that has answered of late.</summary>
    public ulong WhoResponds()
    {
        ulong known = 0;
        for (var place = 0; place < Candidates.Length; place++)
        {
            known |= Candidates[place].Load?.HasResponded == true ? 1UL << place : 0;
        }

        return known;
    }

    // A shift by all 64 is none.
    private static ulong Between(int first, int end) => first == end ? 0 : (end == Most ? ulong.MaxValue : (1UL << end) - 1) & ~((1UL << first) - 1);

    // The same on all edges, so that they choose alike.
    private static ulong HashOf(string id, PlanTarget target) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{target.Provider.Id}\n{target.Model}")));
}

/// <summary>Targets that stand in for each other.</summary>
/// <param name="Balance">Who of them is asked.</param>
/// <param name="Targets">In their order.</param>
/// <param name="Bits">A bit for each of their candidates.</param>
internal sealed record PlanGroup(RouteBalance Balance, ImmutableArray<PlanTarget> Targets, ulong Bits)
{
    /// <summary>Null: nobody watches its canaries, or it has none.</summary>
    public CanaryTrial? Trial { get; init; }
}

/// <summary>A provider's model.</summary>
/// <param name="provider">Who has it.</param>
/// <param name="model">By the provider's own name. Null: the one that is asked for.</param>
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

    /// <summary>Whom the sandbox stands in for. Nobody: it is asked for itself, or is no sandbox.</summary>
    public ImmutableArray<RouteTarget> InPlaceOf { get; init; } = [];

    /// <summary>A bit for each of its candidates.</summary>
    public ulong Bits { get; set; }

    public bool NeedsCredential => Provider.Id != ProviderDefinition.SandboxId;

    public bool IsFor(ProviderCredential credential) => Model is null || credential.Models?.Allows(Provider.Id, Model) != false;
}

/// <summary>A target with one of the credentials that it can be asked with.</summary>
/// <param name="Target">Which.</param>
/// <param name="Credential">Null only for the sandbox.</param>
/// <param name="Id">The credential's.</param>
/// <param name="Hash">The same for the same one, wherever it stands.</param>
/// <param name="Load">Null: nobody wants to know.</param>
internal readonly record struct Candidate(PlanTarget Target, ProviderCredential? Credential, string Id, ulong Hash, TargetLoad? Load)
{
    public int Rank => Credential?.Rank ?? 0;

    public int Weight => Credential?.Weight ?? 1;

    /// <summary>Under which it is known how it is with it.</summary>
    /// <param name="model">Null: with the credential, whatever the model.</param>
    /// <param name="endpoint">Null: whatever the endpoint.</param>
    public Target Of(string? model, string? endpoint = null) => Credential is null ? new(Id, model, endpoint) : Routing.Target.Of(Credential, model, endpoint);
}
