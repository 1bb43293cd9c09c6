using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing;

/// <summary>
/// The several targets that one request can be sent to: who is asked first, and who after that. Only what certainly was not worked on, or is told to have failed,
/// is sent once more; and what may have been worked on where its route says so, once.
/// </summary>
/// <remarks>Walking on from a refusal is free, because whoever refused is left alone afterwards. What a provider has failed at takes from the <see cref="RetryBudget"/>.</remarks>
/// <param name="table">What is known of them.</param>
/// <param name="clock">Of the request.</param>
/// <param name="preference">What is asked.</param>
/// <param name="plan">Of whom.</param>
/// <param name="able">A bit for each of the plan's candidates that can do it.</param>
/// <param name="canRepeat">False: the request can be sent once only, and what is said to it counts for the next.</param>
internal sealed partial class Targets(TargetTable table, RequestClock clock, TargetPreference preference, TargetPlan plan, ulong able, bool canRepeat) : IFailoverPolicy
{
    private static readonly TimeSpan LastBegin = TimeSpan.FromMinutes(1);

    private readonly TargetGate _gate = new(table, preference, plan);

    // Those that were asked, and those of which it is known that asking them is in vain.
    private ulong _tried;
    private int _asked;
    private int _place = -1;
    private int _next = -1;
    private int _workedAt;
    private bool _isUncertain;
    private bool _isResort;
    private bool _hasEarned;
    private bool _isLater;
    private TargetLoad? _load;

    // What the one that is entered last finds out: how it is with the credential, and with the model.
    private (bool Credential, bool Model) _findsOut;

    // What the head of the current attempt's response has told; null: none has come.
    private TargetOutcome? _told;

    /// <summary>Who is asked.</summary>
    public ref readonly Candidate Current => ref Plan.Candidates.ItemRef(_place);

    /// <summary>Where it goes.</summary>
    public ProviderChoice Choice => Plan.ChoiceOf(_place, Preference.Model);

    /// <summary>The dearest of those that are asked first: what is set aside for it is enough for all of them. Null: all have one price, or nobody has to know.</summary>
    public ProviderChoice? Dearest => Preference.PriceOf is null ? null : Plan.ChoiceOf(Plan.Dearest(_gate.Open(able) is not 0 and var open ? open : able, Preference.PriceOf), Preference.Model);

    /// <summary>They may have different prices, and somebody has to know.</summary>
    public bool HavePrices => Preference.PriceOf is not null;

    /// <summary>Why the one that was asked first has not answered, from a closed list. Null: it is asked still.</summary>
    public string? Why { get; private set; }

    /// <summary>Whoever waits for one of those waits for this request as well.</summary>
    public TargetPlan Plan => _gate.Plan;

    private bool HasOther => canRepeat && (Left & ~_tried) != 0;

    private TargetTable Table => _gate.Table;

    private TargetPreference Preference => _gate.Preference;

    // Whoever has waited for long is told how it stands.
    private bool MayGoOn => HasOther && _asked < RequestAttempt.Most
        && clock.Time.GetElapsedTime(clock.ArrivedAt + clock.WaitedForCaller + clock.WaitedForTargets) < LastBegin;

    /// <summary>Chooses the first.</summary>
    /// <returns>Null, or why nobody can be asked: others were faster. It may be tried again.</returns>
    public EdgeError? Begin()
    {
        (Why, _isResort) = (null, false);
        _place = Pick();
        if (_place < 0 && Refusal() is { } nobody)
        {
            return nobody;
        }

        if (_place < 0)
        {
            _place = Math.Max(0, Resort() is >= 0 and var resort ? resort : TargetPicker.Pick(Plan, Left, Basis()));
            _tried = 1UL << _place;
            (_asked, _isResort) = (1, true);
        }

        // The first group would have been asked, were it not left alone.
        if (Plan.Route is not null && Plan.BeforeGroupOf(_place, able) is >= 0 and var first)
        {
            Why = TargetOutcomes.NameOf((_full >> first & 1) != 0 ? TargetOutcome.Full : _gate.WaitFor(first).Why);
        }

        if (!_hasEarned)
        {
            _hasEarned = true;
            Table.Budget.Deposit(Preference.ProjectId, Current.Target.Provider.Id);
        }

        BeginTrial();
        (_load = Current.Load)?.Begin();
        return null;
    }

    /// <summary>Goes on to the next, where there is one for this.</summary>
    /// <param name="end">How the attempt has ended.</param>
    /// <param name="isOver">Nobody waits for another response: the caller has left, or has something of this one.</param>
    /// <param name="firstByte">How long it took to begin a response; null: there was none.</param>
    /// <param name="isSilent">It was given up because nothing came.</param>
    /// <returns>False: that was the last.</returns>
    public bool TryNext(AttemptEnd end, bool isOver = false, TimeSpan? firstByte = null, bool isSilent = false)
    {
        var hasFailed = end == AttemptEnd.Failed || (end == AttemptEnd.NeverSent && !isOver);
        EndTrial(end, hasFailed);
        if (_told is null or TargetOutcome.Started)
        {
            // Also where its response had begun well. Whoever has left says nothing.
            Tell(hasFailed ? isSilent ? TargetOutcome.Silent : TargetOutcome.Failed : _told is not null && end is AttemptEnd.Completed or AttemptEnd.None ? TargetOutcome.Completed : TargetOutcome.None, hint: null);
        }

        Unload(_told is TargetOutcome.Started && !hasFailed ? firstByte : null, hasFailed || _told is TargetOutcome.Failed or TargetOutcome.Silent);
        if (hasFailed && !isOver)
        {
            if (end == AttemptEnd.NeverSent)
            {
                TryPickOther();
            }
            else if (_next < 0 && MayPickAnother())
            {
                TryPickAnother(isSilent ? TargetOutcome.Silent : TargetOutcome.Failed);
            }
        }

        if (_next < 0 || isOver)
        {
            return false;
        }

        (_place, _next, _told, _isLater) = (_next, -1, null, true);
        (_load = Current.Load)?.Begin();
        return true;
    }

    /// <summary>It is over. Whoever was chosen and not asked, or whose response nobody has looked at, keeps nobody else from asking.</summary>
    public void Leave()
    {
        Unload(firstByte: null, hasFailed: false);
        if (_findsOut != default)
        {
            _place = _next < 0 ? _place : _next;
            Tell(TargetOutcome.None, hint: null);
        }
    }

    // Another address may be there where this one is not, and nobody has worked at it: that is free. At the same one it is once more the same.
    private void TryPickOther()
    {
        if (MayGoOn && (_next = Pick(~Plan.AtAddressOf(_place))) >= 0)
        {
            Why ??= TargetOutcomes.NameOf(TargetOutcome.Failed);
        }
        else
        {
            TryPickNext(TargetOutcome.Failed);
        }
    }

    // This one may be at work, and both may cost: once.
    private bool MayPickAnother()
    {
        var may = Timeout is not null && Table.Budget.TryTake(Preference.ProjectId, Current.Target.Provider.Id);
        (_workedAt, _isUncertain) = (may ? _workedAt + 1 : _workedAt, may || _isUncertain);
        return may;
    }

    // To whoever has answered of late, and not to the same address, which would be as silent.
    private bool TryPickAnother(TargetOutcome outcome)
    {
        var elsewhere = ~Plan.AtAddressOf(_place);
        _next = Pick(elsewhere & Plan.WhoResponds());
        _next = _next < 0 ? Pick(elsewhere) : _next;
        _next = _next < 0 ? Pick() : _next;
        Why ??= _next < 0 ? null : TargetOutcomes.NameOf(outcome);
        return _next >= 0;
    }

    private bool TryPickNext(TargetOutcome outcome, string? why = null)
    {
        if (!MayGoOn
            || _gate.Open(Left & ~_tried) == 0
            || (outcome == TargetOutcome.Failed && (++_workedAt >= Plan.Attempts || !Table.Budget.TryTake(Preference.ProjectId, Current.Target.Provider.Id))))
        {
            return false;
        }

        _next = Pick();
        Why ??= _next < 0 ? null : why ?? TargetOutcomes.NameOf(outcome);
        return _next >= 0;
    }

    private PickBasis Basis() => new(Random.Shared.NextDouble(), Random.Shared.NextDouble()) { Spread = Preference.Spread, Prompt = Preference.Prompt, PriceOf = Preference.PriceOf };

    private int Pick(ulong among = ulong.MaxValue)
    {
        var open = _gate.Open(Left & ~_tried & among);
        while (TargetPicker.Pick(Plan, open, Basis()) is >= 0 and var picked)
        {
            open &= ~(1UL << picked);
            if (_gate.TryEnter(picked, out _findsOut))
            {
                _tried |= 1UL << picked;
                _asked++;
                return picked;
            }
        }

        return -1;
    }

    private void Unload(TimeSpan? firstByte, bool hasFailed)
    {
        _load?.End(firstByte, hasFailed);
        _load = null;
    }

    private void Tell(TargetOutcome outcome, TimeSpan? hint)
    {
        var findsOut = _findsOut;
        _findsOut = default;
        _gate.Tell(_place, outcome, hint, findsOut);
    }
}
