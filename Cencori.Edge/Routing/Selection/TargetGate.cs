using System.Numerics;
using Cencori.Edge.Routing.Health;

namespace Cencori.Edge.Routing.Selection;

/// <summary>Decides to which candidates a request can be sent now, and records the outcomes of attempts.</summary>
internal readonly struct TargetGate(TargetTable table, TargetPreference preference, TargetPlan plan)
{
    private static readonly TargetOutcome[] Refusals = [TargetOutcome.CredentialRefused, TargetOutcome.QuotaSpent, TargetOutcome.NotFound, TargetOutcome.NoSuchModel];

    public TargetTable Table => table;

    public TargetPreference Preference => preference;

    public TargetPlan Plan => plan;

    /// <summary>True: no target cools down and no credential is limited, so every candidate is open.</summary>
    public bool AreAllOpen => table.Cooling.IsEmpty && (plan.Limited == 0 || table.Quota is null);

    /// <summary>The candidates of <paramref name="among"/> that do not cool down and whose credential has room in its limits.</summary>
    public ulong Open(ulong among)
    {
        var open = among;
        for (var rest = AreAllOpen ? 0 : among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            open &= WaitFor(place).Wait > TimeSpan.Zero ? ~(1UL << place) : ulong.MaxValue;
        }

        return open;
    }

    /// <summary>Returns the candidate with the shortest wait, of those that wait because of <paramref name="reason"/>. Place -1: there is none.</summary>
    public (int Place, TimeSpan Wait) FindShortestWait(ulong among, TargetOutcome reason)
    {
        var soonest = (Place: -1, Wait: TimeSpan.MaxValue);
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            if (WaitFor(place) is var cooled && cooled.Why == reason && cooled.Wait > TimeSpan.Zero && (soonest.Place < 0 || cooled.Wait < soonest.Wait))
            {
                soonest = (place, cooled.Wait);
            }
        }

        return soonest;
    }

    /// <summary>
    /// Returns the candidate to try when all candidates cool down. First choice: a candidate that failed or was silent, because it may work again.
    /// Second choice: a candidate that refused a request, because its error is the most useful one for the caller.
    /// </summary>
    /// <returns>-1: there is no such candidate. Also -1 if no candidate failed or was silent, and a provider said to wait.</returns>
    public int LastResort(ulong among) => FindShortestWait(among, TargetOutcome.Failed) is { Place: >= 0 and var failed } ? failed
        : FindShortestWait(among, TargetOutcome.Silent) is { Place: >= 0 and var silent } ? silent
        : FindShortestWait(among, TargetOutcome.RateLimited).Place >= 0 ? -1
        : FindShortestWait(among, TargetOutcome.Forbidden) is { Place: >= 0 and var forbidden } ? forbidden
        : FindShortestRefusedWait(among);

    private int FindShortestRefusedWait(ulong among)
    {
        var soonest = (Place: -1, Wait: TimeSpan.MaxValue);
        foreach (var reason in Refusals)
        {
            soonest = FindShortestWait(among, reason) is { Place: >= 0 } one && one.Wait < soonest.Wait ? one : soonest;
        }

        return soonest.Place;
    }

    /// <summary>
    /// Returns the time until the first candidate becomes free. A candidate that was tried and does not cool down is treated as free after
    /// <see cref="CoolingLength.Shortest"/>.
    /// </summary>
    public TimeSpan FreeIn(ulong among, ulong tried)
    {
        var first = TimeSpan.MaxValue;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            var wait = WaitFor(place).Wait is { Ticks: > 0 } cooled ? cooled : (tried >> place & 1) != 0 ? CoolingLength.Shortest : TimeSpan.Zero;
            first = wait < first ? wait : first;
        }

        return among == 0 ? TimeSpan.Zero : first;
    }

    public (TimeSpan Wait, TargetOutcome Why) WaitFor(int place)
    {
        var (candidate, model) = (plan.Candidates[place], preference.ModelOf(plan.Candidates[place]));
        var longest = table.Cooling.WaitFor(candidate.Of(null));
        var ofModel = table.Cooling.WaitFor(candidate.Of(model));
        longest = ofModel.Wait > longest.Wait ? ofModel : longest;
        var ofEndpoint = table.Cooling.WaitFor(candidate.Of(model, preference.Endpoint));
        longest = ofEndpoint.Wait > longest.Wait ? ofEndpoint : longest;
        return longest.Wait > TimeSpan.Zero || (plan.Limited >> place & 1) == 0 || table.Quota is not { } quota ? longest
            : quota.MinTimeUntilRoom(candidate.Credential!, preference.Tokens) is { Ticks: > 0 } full ? (full, TargetOutcome.Full)
            : default;
    }

    /// <summary>Registers an attempt at a candidate. Call this before sending. False: the candidate cools down, or another request probes it.</summary>
    /// <param name="place">The candidate's index.</param>
    /// <param name="probes">Two flags: whether the attempt is the probe of the credential, and whether it is the probe of the model.</param>
    public bool TryEnter(int place, out (bool Credential, bool Model) probes)
    {
        probes = default;
        var candidate = plan.Candidates[place];
        if (!table.Cooling.TryEnter(candidate.Of(null), out var ofCredential))
        {
            return false;
        }

        if (!table.Cooling.TryEnter(candidate.Of(preference.ModelOf(candidate)), out var ofModel))
        {
            table.Cooling.End(candidate.Of(null), TargetOutcome.None, isProbe: ofCredential);
            return false;
        }

        probes = (ofCredential, ofModel);
        return true;
    }

    /// <summary>
    /// Records the outcome of an attempt. Some outcomes apply to the credential with every model, others to one model or endpoint. Success applies to the
    /// credential, the model and the endpoint.
    /// </summary>
    public void RecordOutcome(int place, TargetOutcome outcome, TimeSpan? hint, (bool Credential, bool Model) probes)
    {
        var (candidate, model) = (plan.Candidates[place], preference.ModelOf(plan.Candidates[place]));
        var isGood = outcome is TargetOutcome.Started or TargetOutcome.Completed;
        var isOfCredential = outcome is TargetOutcome.CredentialRefused or TargetOutcome.QuotaSpent;
        table.End(candidate.Of(null), isGood || isOfCredential ? outcome : TargetOutcome.None, hint, probes.Credential);
        table.End(candidate.Of(model), isOfCredential || outcome == TargetOutcome.NotFound ? TargetOutcome.None : outcome, hint, probes.Model);
        if (isGood || outcome == TargetOutcome.NotFound)
        {
            table.End(candidate.Of(model, preference.Endpoint), outcome, hint, isProbe: isGood);
        }
    }
}
