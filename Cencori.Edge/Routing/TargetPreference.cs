namespace Cencori.Edge.Routing;

/// <summary>What a request asks, as far as it decides who of its plan's candidates is asked.</summary>
/// <param name="ProjectId">Whose they are.</param>
/// <param name="Model">The model that is asked for where a target names none of its own; empty where the request names none either.</param>
/// <param name="Endpoint">The endpoint's name.</param>
internal readonly record struct TargetPreference(string ProjectId, string Model, string Endpoint)
{
    /// <summary>What it takes of the limits that a credential has.</summary>
    public long Tokens { get; init; }

    /// <inheritdoc cref="PickBasis.Spread"/>
    public ulong Spread { get; init; }

    /// <inheritdoc cref="PickBasis.Prompt"/>
    public ulong? Prompt { get; init; }

    /// <inheritdoc cref="PickBasis.PriceOf"/>
    public Func<PlanTarget, decimal?>? PriceOf { get; init; }

    /// <summary>By the provider's own name.</summary>
    public string ModelOf(in Candidate candidate) => candidate.Target.Model ?? Model;

    /// <returns>A bit for each candidate whose credential is for the model.</returns>
    public ulong AbleOf(TargetPlan plan)
    {
        ulong able = 0;
        for (var place = 0; place < plan.Candidates.Length; place++)
        {
            var (target, credential) = (plan.Candidates[place].Target, plan.Candidates[place].Credential);
            able |= target.Model is not null || Model.Length == 0 || credential?.Models?.Allows(target.Provider.Id, Model) != false ? 1UL << place : 0;
        }

        return able;
    }
}
