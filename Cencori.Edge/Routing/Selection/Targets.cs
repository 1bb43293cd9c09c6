using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing.Selection;

/// <summary>
/// Chooses which target of one request is asked first, and which ones after a failure. A request is sent again only if no provider worked on it, or the provider reported
/// a failure. A request whose outcome is unknown is sent again once, if its route allows that.
/// </summary>
/// <remarks>Failover after a refusal is free, because the refusing target cools down afterwards. Failover after a failure takes from the <see cref="RetryBudget"/>.</remarks>
/// <param name="table">The state of all targets.</param>
/// <param name="clock">The clock of the request.</param>
/// <param name="preference">The properties of the request that decide between targets.</param>
/// <param name="plan">The possible targets.</param>
/// <param name="able">One bit per candidate of the plan, set if the candidate can serve the request.</param>
/// <param name="canRepeat">False: the request can be sent only once. Its outcome is still recorded for the target.</param>
internal sealed partial class Targets(TargetTable table, RequestClock clock, TargetPreference preference, TargetPlan plan, ulong able, bool canRepeat) : IFailoverPolicy
{
    private static readonly TimeSpan LastBegin = TimeSpan.FromMinutes(1);

    private readonly TargetGate _gate = new(table, preference, plan);

    // Candidates that were asked, or that would certainly fail.
    private ulong _tried;
    private int _attemptCount;
    private int _place = -1;
    private int _next = -1;
    private int _workedCount;
    private bool _isUncertain;
    private bool _isLastResort;
    private bool _hasEarned;
    private bool _isAfterFirst;
    private TargetLoad? _load;

    // Two flags: whether the current attempt is the probe of the credential, and whether it is the probe of the model.
    private (bool Credential, bool Model) _probes;

    // The outcome according to the current attempt's response so far. Null: no response yet.
    private TargetOutcome? _outcome;

    /// <summary>The candidate that is asked now.</summary>
    public ref readonly Candidate Current => ref Plan.Candidates.ItemRef(_place);

    /// <summary>Provider, credential and model of the current candidate.</summary>
    public ProviderChoice Choice => Plan.ChoiceOf(_place, Preference.Model);

    /// <summary>The most expensive target of the first usable group. A budget reservation for it covers the whole group. Null: prices do not matter.</summary>
    public ProviderChoice? MostExpensive => Preference.PriceOf is null ? null : Plan.ChoiceOf(Plan.MostExpensive(_gate.Open(able) is not 0 and var open ? open : able, Preference.PriceOf), Preference.Model);

    /// <summary>Whether the prices of targets matter for this request: for a budget, or for the choice of a target.</summary>
    public bool HavePrices => Preference.PriceOf is not null;

    /// <summary>Why the request uses another target than the first one; a word of a fixed list. Null: the request uses the first target so far.</summary>
    public string? FallbackReason { get; private set; }

    /// <summary>The possible targets.</summary>
    public TargetPlan Plan => _gate.Plan;

    private bool HasOther => canRepeat && (Available & ~_tried) != 0;

    private TargetTable Table => _gate.Table;

    private TargetPreference Preference => _gate.Preference;

    // No attempt begins after RequestAttempt.Max attempts, or later than LastBegin after the arrival (not counting waits). Then the caller gets the error.
    private bool MayRetry => HasOther && _attemptCount < RequestAttempt.Max
        && clock.Time.GetElapsedTime(clock.ArrivedAt + clock.WaitedForCaller + clock.WaitedForTargets) < LastBegin;

    /// <summary>Chooses the first target.</summary>
    /// <returns>Null, or why no target can be asked now. The call may be repeated.</returns>
    public EdgeError? Begin()
    {
        (FallbackReason, _isLastResort) = (null, false);
        _place = Pick();
        if (_place < 0 && Refusal() is { } refusal)
        {
            return refusal;
        }

        if (_place < 0)
        {
            _place = Math.Max(0, LastResort() is >= 0 and var resort ? resort : TargetPicker.Pick(Plan, Available, Basis()));
            _tried = 1UL << _place;
            (_attemptCount, _isLastResort) = (1, true);
        }

        // The first usable group is passed over, because its targets cool down or are full. Records the reason.
        if (Plan.Route is not null && Plan.FindInEarlierGroup(_place, able) is >= 0 and var first)
        {
            FallbackReason = TargetOutcomes.NameOf((_full >> first & 1) != 0 ? TargetOutcome.Full : _gate.WaitFor(first).Why);
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

    /// <summary>Moves on to the next target, if the failure allows one.</summary>
    /// <param name="end">How the attempt ended.</param>
    /// <param name="isOver">True: no other response can be sent, because the caller has left, or has received part of the current one.</param>
    /// <param name="firstByte">Time to the first byte; null: there was none.</param>
    /// <param name="isSilent">Whether the attempt was given up at the first-byte timeout.</param>
    /// <returns>False: no further target.</returns>
    public bool TryNext(AttemptEnd end, bool isOver = false, TimeSpan? firstByte = null, bool isSilent = false)
    {
        var hasFailed = end == AttemptEnd.Failed || (end == AttemptEnd.NeverSent && !isOver);
        EndTrial(end, hasFailed);
        if (_outcome is null or TargetOutcome.Started)
        {
            // A stream that broke after a good start is a failure, too. A caller that left says nothing about the target.
            RecordOutcome(hasFailed ? isSilent ? TargetOutcome.Silent : TargetOutcome.Failed : _outcome is not null && end is AttemptEnd.Completed or AttemptEnd.None ? TargetOutcome.Completed : TargetOutcome.None, hint: null);
        }

        Unload(_outcome is TargetOutcome.Started && !hasFailed ? firstByte : null, hasFailed || _outcome is TargetOutcome.Failed or TargetOutcome.Silent);
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

        (_place, _next, _outcome, _isAfterFirst) = (_next, -1, null, true);
        (_load = Current.Load)?.Begin();
        return true;
    }

    /// <summary>Ends the use of the targets. Releases the probe of a target that was chosen but not asked, or whose response was not evaluated.</summary>
    public void EndUse()
    {
        Unload(firstByte: null, hasFailed: false);
        if (_probes != default)
        {
            _place = _next < 0 ? _place : _next;
            RecordOutcome(TargetOutcome.None, hint: null);
        }
    }

    // After a failed connection, failover to another address is free: that address may be reachable, and no provider has worked on the request. At the same address, failover takes from the retry budget.
    private void TryPickOther()
    {
        if (MayRetry && (_next = Pick(~Plan.FindAtSameAddress(_place))) >= 0)
        {
            FallbackReason ??= TargetOutcomes.NameOf(TargetOutcome.Failed);
        }
        else
        {
            TryPickNext(TargetOutcome.Failed);
        }
    }

    // The silent target may still be working, so two attempts may cost money. The edge asks another target only once per request for this reason.
    private bool MayPickAnother()
    {
        var may = Timeout is not null && Table.Budget.TryTake(Preference.ProjectId, Current.Target.Provider.Id);
        (_workedCount, _isUncertain) = (may ? _workedCount + 1 : _workedCount, may || _isUncertain);
        return may;
    }

    // Prefers a target that responded recently. Avoids the address of the silent target, which would probably be silent again.
    private bool TryPickAnother(TargetOutcome outcome)
    {
        var elsewhere = ~Plan.FindAtSameAddress(_place);
        _next = Pick(elsewhere & Plan.FindResponsive());
        _next = _next < 0 ? Pick(elsewhere) : _next;
        _next = _next < 0 ? Pick() : _next;
        FallbackReason ??= _next < 0 ? null : TargetOutcomes.NameOf(outcome);
        return _next >= 0;
    }

    private bool TryPickNext(TargetOutcome outcome, string? reason = null)
    {
        if (!MayRetry
            || _gate.Open(Available & ~_tried) == 0
            || (outcome == TargetOutcome.Failed && (++_workedCount >= Plan.Attempts || !Table.Budget.TryTake(Preference.ProjectId, Current.Target.Provider.Id))))
        {
            return false;
        }

        _next = Pick();
        FallbackReason ??= _next < 0 ? null : reason ?? TargetOutcomes.NameOf(outcome);
        return _next >= 0;
    }

    private PickBasis Basis() => new(Random.Shared.NextDouble(), Random.Shared.NextDouble()) { Spread = Preference.Spread, Prompt = Preference.Prompt, PriceOf = Preference.PriceOf };

    private int Pick(ulong among = ulong.MaxValue)
    {
        var open = _gate.Open(Available & ~_tried & among);
        while (TargetPicker.Pick(Plan, open, Basis()) is >= 0 and var picked)
        {
            open &= ~(1UL << picked);
            if (_gate.TryEnter(picked, out _probes))
            {
                _tried |= 1UL << picked;
                _attemptCount++;
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

    private void RecordOutcome(TargetOutcome outcome, TimeSpan? hint)
    {
        var probes = _probes;
        _probes = default;
        _gate.RecordOutcome(_place, outcome, hint, probes);
    }
}
