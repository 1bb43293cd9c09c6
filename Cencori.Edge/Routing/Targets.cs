using System.Collections.Immutable;
using System.Numerics;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing;

/// <summary>
/// The several credentials that one request can be sent with: who is asked first, and who after that. Only what certainly was not worked on, or is told to have failed,
/// is sent once more.
/// </summary>
/// <remarks>Walking on from a refusal is free, because whoever refused is left alone afterwards. What a provider has failed at takes from the <see cref="RetryBudget"/>.</remarks>
/// <param name="table">What is known of them.</param>
/// <param name="clock">Of the request.</param>
/// <param name="wish">What is asked, and of whom.</param>
/// <param name="all">By rank.</param>
/// <param name="canRepeat">False: the request can be sent once only, and what is said to it counts for the next.</param>
internal sealed class Targets(TargetTable table, RequestClock clock, TargetWish wish, ImmutableArray<ProviderCredential> all, bool canRepeat) : IAttemptJudge
{
    /// <summary>Attempts that a provider may have worked at.</summary>
    private const int MostWorkedAt = 3;

    // Whoever has waited for so long is told how it stands.
    private static readonly TimeSpan LastBegin = TimeSpan.FromMinutes(1);

    private readonly ulong _able = wish.AbleOf(all);
    private ulong _tried;
    private int _place = -1;
    private int _next = -1;
    private int _workedAt;

    // What the one that is entered last finds out: how it is with the credential, and with the model.
    private (bool Credential, bool Model) _findsOut;

    // What the head of the current attempt's response has told; null: none has come.
    private TargetOutcome? _told;

    /// <summary>Who is asked.</summary>
    public ProviderCredential Current => all[_place];

    /// <summary>Why the one that was asked first has not answered, from a closed list. Null: it is asked still.</summary>
    public string? Why { get; private set; }

    public bool HasOther => canRepeat && (_able & ~_tried) != 0;

    private bool MayGoOn => HasOther && BitOperations.PopCount(_tried) < RequestAttempt.Most
        && clock.Time.GetElapsedTime(clock.ArrivedAt + clock.WaitedForCaller) < LastBegin;

    /// <summary>Why nobody can be asked now; null: somebody can.</summary>
    public EdgeError? Refusal() => table.Cooling.IsEmpty || Open() != 0 || Resort() >= 0 || Soonest(TargetOutcome.RateLimited) is not { Place: >= 0, Wait: var wait } ? null
        : new EdgeError(ErrorKind.ProviderRateLimited, $"The provider '{wish.Provider}' has told the project's credentials to wait.") { RetryAfter = wait };

    /// <summary>Chooses the first.</summary>
    public void Begin()
    {
        table.Budget.Earn(wish.ProjectId, wish.Provider);
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
        _told = TargetWords.OutcomeOf(status, retryAfter);
        Tell(_told.Value, retryAfter);
        return _told is not (TargetOutcome.None or TargetOutcome.Begun) && TryPickNext(_told.Value);
    }

    public bool PassesOverStream()
    {
        _told = TargetOutcome.Failed;
        Tell(TargetOutcome.Failed, hint: null);
        return TryPickNext(TargetOutcome.Failed, "stream_error");
    }

    /// <summary>Goes on to the next, where there is one for this.</summary>
    /// <param name="end">How the attempt has ended.</param>
    /// <param name="hasLeft">Nobody waits for an answer any more.</param>
    /// <returns>False: that was the last.</returns>
    public bool TryNext(AttemptEnd end, bool hasLeft = false)
    {
        var hasFailed = end == AttemptEnd.Failed || (end == AttemptEnd.NeverSent && !hasLeft);
        if (_told is null or TargetOutcome.Begun)
        {
            // Also where its answer had begun well. Whoever has left says nothing.
            Tell(hasFailed ? TargetOutcome.Failed : _told is not null && end is AttemptEnd.Completed or AttemptEnd.None && !hasLeft ? TargetOutcome.Answered : TargetOutcome.None, hint: null);
        }

        if (hasFailed && end == AttemptEnd.NeverSent)
        {
            TryPickOther();
        }

        if (_next < 0 || hasLeft)
        {
            return false;
        }

        (_place, _next, _told) = (_next, -1, null);
        return true;
    }

    /// <summary>It is over. Whoever was chosen and not asked, or whose answer nobody has looked at, keeps nobody else from asking.</summary>
    public void Leave()
    {
        if (_findsOut != default)
        {
            _place = _next < 0 ? _place : _next;
            Tell(TargetOutcome.None, hint: null);
        }
    }

    // Another address may be there where this one is not, and nobody has worked at it: that is free. At the same one it is once more the same.
    private void TryPickOther()
    {
        if (MayGoOn && (_next = Pick(TargetWish.AwayFrom(Current, all))) >= 0)
        {
            Why ??= TargetWords.NameOf(TargetOutcome.Failed);
        }
        else
        {
            TryPickNext(TargetOutcome.Failed);
        }
    }

    private bool TryPickNext(TargetOutcome outcome, string? why = null)
    {
        if (!MayGoOn
            || Open() == 0
            || (outcome == TargetOutcome.Failed && (++_workedAt >= MostWorkedAt || !table.Budget.TryTake(wish.ProjectId, wish.Provider))))
        {
            return false;
        }

        _next = Pick();
        if (_next >= 0)
        {
            Why ??= why ?? TargetWords.NameOf(outcome);
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
        : Soonest(TargetOutcome.Forbidden) is { Place: >= 0 and var forbidden } ? forbidden
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

    private int Pick(ulong among = ulong.MaxValue)
    {
        var open = Open() & among;
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
        var longest = table.Cooling.WaitFor(new(credential.Id, null));
        var ofModel = table.Cooling.WaitFor(new(credential.Id, wish.Model));
        longest = ofModel.Wait > longest.Wait ? ofModel : longest;
        var ofEndpoint = table.Cooling.WaitFor(new(credential.Id, wish.Model, wish.Endpoint));
        return ofEndpoint.Wait > longest.Wait ? ofEndpoint : longest;
    }

    private bool TryEnter(ProviderCredential credential)
    {
        if (!table.Cooling.TryEnter(new(credential.Id, null), out var ofCredential))
        {
            return false;
        }

        if (!table.Cooling.TryEnter(new(credential.Id, wish.Model), out var ofModel))
        {
            table.Cooling.End(new(credential.Id, null), TargetOutcome.None, findsOut: ofCredential);
            return false;
        }

        _findsOut = (ofCredential, ofModel);
        return true;
    }

    // The one says it of the credential whatever the model, another of the model wherever it is asked for, the others of both.
    private void Tell(TargetOutcome outcome, TimeSpan? hint)
    {
        var (ofCredential, ofModel) = _findsOut;
        _findsOut = default;
        var isGood = outcome is TargetOutcome.Begun or TargetOutcome.Answered;
        table.End(new(Current.Id, null), isGood || outcome == TargetOutcome.CredentialRefused ? outcome : TargetOutcome.None, hint, ofCredential);
        table.End(new(Current.Id, wish.Model), outcome is TargetOutcome.CredentialRefused or TargetOutcome.NotThere ? TargetOutcome.None : outcome, hint, ofModel);
        if (isGood || outcome == TargetOutcome.NotThere)
        {
            table.End(new(Current.Id, wish.Model, wish.Endpoint), outcome, hint, findsOut: isGood);
        }
    }
}
