using System.Collections.Immutable;
using System.Numerics;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>
/// The several credentials that one request can be sent with: who is asked first, and who after that. Only what certainly was not worked on, or is told to have failed,
/// is sent once more.
/// </summary>
/// <remarks>Walking on from a refusal is free, because whoever refused is left alone afterwards. What a provider has failed at takes from the <see cref="RetryBudget"/>.</remarks>
internal sealed class Targets(TargetTable table, ProjectSnapshot project, string provider, string? model, ImmutableArray<ProviderCredential> all) : IAttemptJudge
{
    /// <summary>Attempts that a provider may have worked at.</summary>
    private const int MostWorkedAt = 3;

    private readonly ulong _able = Able(all, provider, model);
    private ulong _tried;
    private int _place = -1;
    private int _next = -1;
    private int _workedAt;

    // What the head of the current attempt's response has told; null: none has come.
    private TargetOutcome? _told;

    /// <summary>Who is asked.</summary>
    public ProviderCredential Current => all[_place];

    /// <summary>Why the one that was asked first has not answered, from a closed list. Null: it is asked still.</summary>
    public string? Why { get; private set; }

    /// <summary>Why nobody can be asked now; null: somebody can.</summary>
    public EdgeError? Refusal() => table.Cooling.IsEmpty || Open() != 0 || Resort() >= 0 || Soonest(TargetOutcome.RateLimited) is not { Place: >= 0, Wait: var wait } ? null
        : new EdgeError(ErrorKind.ProviderRateLimited, $"The provider '{provider}' has told the project's credentials to wait.") { RetryAfter = wait };

    /// <summary>Chooses the first.</summary>
    public void Begin()
    {
        table.Budget.Earn(project.Id, provider);
        _place = Pick();
        if (_place < 0)
        {
            // The last of them is left alone since a moment ago.
            _place = Math.Max(0, Resort() is >= 0 and var resort ? resort : TargetPicker.Pick(all, _able, dice: 0));
            _tried = 1UL << _place;
        }
    }

    public bool PassesOver(int status, TimeSpan? retryAfter)
    {
        _told = OutcomeOf(status, retryAfter);
        Tell(_told.Value, retryAfter);
        return _told is not (TargetOutcome.None or TargetOutcome.Answered) && TryPickNext(_told.Value);
    }

    public bool HasOther => (_able & ~_tried) != 0;

    public bool PassesOverStream()
    {
        _told = TargetOutcome.Failed;
        Tell(TargetOutcome.Failed, hint: null);
        return TryPickNext(TargetOutcome.Failed, "stream_error");
    }

    /// <summary>Goes on to the next, where there is one for this.</summary>
    /// <param name="end">How the attempt has ended.</param>
    /// <returns>False: that was the last.</returns>
    public bool TryNext(AttemptEnd end)
    {
        if (end is AttemptEnd.NeverSent or AttemptEnd.Failed)
        {
            // Also where its answer had begun well.
            if (_told is null or TargetOutcome.Answered)
            {
                Tell(TargetOutcome.Failed, hint: null);
            }

            if (end == AttemptEnd.NeverSent)
            {
                TryPickNext(TargetOutcome.Failed);
            }
        }
        else if (_told is null)
        {
            // Whoever has left says nothing.
            Tell(TargetOutcome.None, hint: null);
        }

        if (_next < 0)
        {
            return false;
        }

        (_place, _next, _told) = (_next, -1, null);
        return true;
    }

    private static ulong Able(ImmutableArray<ProviderCredential> all, string provider, string? model)
    {
        ulong able = 0;
        for (var place = 0; place < Math.Min(all.Length, TargetPicker.Most); place++)
        {
            able |= all[place].Secret is not null && (model is null || all[place].Models?.Allows(provider, model) != false) ? 1UL << place : 0;
        }

        return able;
    }

    private static TargetOutcome OutcomeOf(int status, TimeSpan? hint) => status switch
    {
        < 400 => TargetOutcome.Answered,
        StatusCodes.Status429TooManyRequests => TargetOutcome.RateLimited,
        StatusCodes.Status503ServiceUnavailable or 529 when hint is not null => TargetOutcome.RateLimited,
        StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => TargetOutcome.CredentialRefused,
        StatusCodes.Status404NotFound => TargetOutcome.NotThere,
        >= 500 and not StatusCodes.Status508LoopDetected => TargetOutcome.Failed,
        _ => TargetOutcome.None,
    };

    private static string NameOf(TargetOutcome outcome) => outcome switch
    {
        TargetOutcome.RateLimited => "rate_limited",
        TargetOutcome.CredentialRefused => "auth",
        TargetOutcome.NotThere => "not_found",
        _ => "server_error",
    };

    private bool TryPickNext(TargetOutcome outcome, string? why = null)
    {
        if (!HasOther
            || BitOperations.PopCount(_tried) >= RequestAttempt.Most
            || (outcome == TargetOutcome.Failed && (++_workedAt >= MostWorkedAt || !table.Budget.TryTake(project.Id, provider))))
        {
            return false;
        }

        _next = Pick();
        if (_next >= 0)
        {
            Why ??= why ?? NameOf(outcome);
        }

        return _next >= 0;
    }

    // Those that have not been tried and need not be left alone.
    private ulong Open()
    {
        var open = _able & ~_tried;
        for (var place = 0; !table.Cooling.IsEmpty && place < all.Length; place++)
        {
            if (Has(open, place) && WaitFor(all[place]).Wait > TimeSpan.Zero)
            {
                open &= ~(1UL << place);
            }
        }

        return open;
    }

    // Where all are left alone, one that has failed may be well again; of those that were refused the provider itself tells best. Whoever said to wait is not asked.
    private int Resort() => Soonest(TargetOutcome.Failed) is { Place: >= 0 and var failed } ? failed
        : Soonest(TargetOutcome.RateLimited).Place >= 0 ? -1
        : Math.Max(Soonest(TargetOutcome.CredentialRefused).Place, Soonest(TargetOutcome.NotThere).Place);

    private (int Place, TimeSpan Wait) Soonest(TargetOutcome why)
    {
        var soonest = (Place: -1, Wait: TimeSpan.MaxValue);
        for (var place = 0; place < all.Length; place++)
        {
            if (Has(_able, place) && WaitFor(all[place]) is var cooled && cooled.Why == why && cooled.Wait > TimeSpan.Zero && cooled.Wait < soonest.Wait)
            {
                soonest = (place, cooled.Wait);
            }
        }

        return soonest;
    }

    private static bool Has(ulong set, int place) => (set >> place & 1) != 0;

    private int Pick()
    {
        var open = Open();
        while (TargetPicker.Pick(all, open, Random.Shared.NextDouble()) is >= 0 and var picked)
        {
            open &= ~(1UL << picked);
            if (TryEnter(all[picked]))
            {
                _tried |= 1UL << picked;
                return picked;
            }
        }

        return -1;
    }

    private (TimeSpan Wait, TargetOutcome Why) WaitFor(ProviderCredential credential)
    {
        var (own, ofModel) = (table.Cooling.WaitFor(new(credential.Id, null)), table.Cooling.WaitFor(new(credential.Id, model)));
        return own.Wait >= ofModel.Wait ? own : ofModel;
    }

    private bool TryEnter(ProviderCredential credential)
    {
        if (!table.Cooling.TryEnter(new(credential.Id, null)))
        {
            return false;
        }

        if (model is not null && !table.Cooling.TryEnter(new(credential.Id, model)))
        {
            table.Cooling.End(new(credential.Id, null), TargetOutcome.None);
            return false;
        }

        return true;
    }

    // The one says it of the credential whatever the model, the others of this model.
    private void Tell(TargetOutcome outcome, TimeSpan? hint)
    {
        var isOfCredential = outcome is TargetOutcome.CredentialRefused or TargetOutcome.Answered || model is null;
        table.End(new(Current.Id, null), isOfCredential ? outcome : TargetOutcome.None, hint);
        if (model is not null)
        {
            table.End(new(Current.Id, model), outcome == TargetOutcome.CredentialRefused ? TargetOutcome.None : outcome, hint);
        }
    }
}
