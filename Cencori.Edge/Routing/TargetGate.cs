using System.Numerics;

namespace Cencori.Edge.Routing;

/// <summary>Which of a request's candidates can be asked now, and what is learnt of those that were.</summary>
internal readonly struct TargetGate(TargetTable table, TargetPreference preference, TargetPlan plan)
{
    private static readonly TargetOutcome[] Refusals = [TargetOutcome.CredentialRefused, TargetOutcome.QuotaSpent, TargetOutcome.NotThere, TargetOutcome.NoSuchModel];

    public TargetTable Table => table;

    public TargetPreference Preference => preference;

    public TargetPlan Plan => plan;

    /// <summary>Nobody at all is left alone.</summary>
    public bool IsWide => table.Cooling.IsEmpty && (plan.Limited == 0 || table.Quota is null);

    /// <summary>Those of some that need not be left alone.</summary>
    public ulong Open(ulong among)
    {
        var open = among;
        for (var rest = IsWide ? 0 : among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            open &= WaitFor(place).Wait > TimeSpan.Zero ? ~(1UL << place) : ulong.MaxValue;
        }

        return open;
    }

    /// <summary>Of those that are left alone for some reason the one that is due first; -1: there is none.</summary>
    public (int Place, TimeSpan Wait) Soonest(ulong among, TargetOutcome why)
    {
        var soonest = (Place: -1, Wait: TimeSpan.MaxValue);
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            if (WaitFor(place) is var cooled && cooled.Why == why && cooled.Wait > TimeSpan.Zero && (soonest.Place < 0 || cooled.Wait < soonest.Wait))
            {
                soonest = (place, cooled.Wait);
            }
        }

        return soonest;
    }

    /// <summary>Where all are left alone, one that has failed may be well again; of those that were refused the provider itself tells best. Whoever said to wait is not asked.</summary>
    /// <returns>-1: there is none.</returns>
    public int Resort(ulong among) => Soonest(among, TargetOutcome.Failed) is { Place: >= 0 and var failed } ? failed
        : Soonest(among, TargetOutcome.Silent) is { Place: >= 0 and var silent } ? silent
        : Soonest(among, TargetOutcome.RateLimited).Place >= 0 ? -1
        : Soonest(among, TargetOutcome.Forbidden) is { Place: >= 0 and var forbidden } ? forbidden
        : SoonestRefused(among);

    private int SoonestRefused(ulong among)
    {
        var soonest = (Place: -1, Wait: TimeSpan.MaxValue);
        foreach (var why in Refusals)
        {
            soonest = Soonest(among, why) is { Place: >= 0 } one && one.Wait < soonest.Wait ? one : soonest;
        }

        return soonest.Place;
    }

    /// <summary>When the first of some is free. What was asked and is free all the same is not any better at once.</summary>
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
            : quota.FullFor(candidate.Credential!, preference.Tokens) is { Ticks: > 0 } full ? (full, TargetOutcome.Full)
            : default;
    }

    /// <summary>To be called for whoever is asked.</summary>
    /// <param name="place">Who.</param>
    /// <param name="findsOut">How it is with the credential, and with the model: nobody else is asked until that is known.</param>
    public bool TryEnter(int place, out (bool Credential, bool Model) findsOut)
    {
        findsOut = default;
        var candidate = plan.Candidates[place];
        if (!table.Cooling.TryEnter(candidate.Of(null), out var ofCredential))
        {
            return false;
        }

        if (!table.Cooling.TryEnter(candidate.Of(preference.ModelOf(candidate)), out var ofModel))
        {
            table.Cooling.End(candidate.Of(null), TargetOutcome.None, findsOut: ofCredential);
            return false;
        }

        findsOut = (ofCredential, ofModel);
        return true;
    }

    /// <summary>What came of asking. Some say it of the credential whatever the model, another of the model wherever it is asked for, the others of both.</summary>
    public void Tell(int place, TargetOutcome outcome, TimeSpan? hint, (bool Credential, bool Model) findsOut)
    {
        var (candidate, model) = (plan.Candidates[place], preference.ModelOf(plan.Candidates[place]));
        var isGood = outcome is TargetOutcome.Started or TargetOutcome.Completed;
        var isOfCredential = outcome is TargetOutcome.CredentialRefused or TargetOutcome.QuotaSpent;
        table.End(candidate.Of(null), isGood || isOfCredential ? outcome : TargetOutcome.None, hint, findsOut.Credential);
        table.End(candidate.Of(model), isOfCredential || outcome == TargetOutcome.NotThere ? TargetOutcome.None : outcome, hint, findsOut.Model);
        if (isGood || outcome == TargetOutcome.NotThere)
        {
            table.End(candidate.Of(model, preference.Endpoint), outcome, hint, findsOut: isGood);
        }
    }
}
