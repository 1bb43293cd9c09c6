namespace Cencori.Edge.Routing.Selection;

/// <summary>The properties of a request that decide between its plan's candidates.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="Model">The requested model, used for targets that name none; empty if the request names none either.</param>
/// <param name="Endpoint">The endpoint's name.</param>
internal readonly record struct TargetPreference(string ProjectId, string Model, string Endpoint)
{
    /// <summary>Tokens to reserve in the limits of the credential.</summary>
    public long Tokens { get; init; }

    /// <inheritdoc cref="PickBasis.Spread"/>
    public ulong Spread { get; init; }

    /// <inheritdoc cref="PickBasis.Prompt"/>
    public ulong? Prompt { get; init; }

    /// <inheritdoc cref="PickBasis.PriceOf"/>
    public Func<PlanTarget, decimal?>? PriceOf { get; init; }

    /// <summary>The model by the provider's own name.</summary>
    public string ModelOf(in Candidate candidate) => candidate.Target.Model ?? Model;

    /// <returns>One bit per candidate, set if the credential of the candidate may use the model.</returns>
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
