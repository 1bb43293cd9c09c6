using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Routing.Selection;

/// <summary>Decides after each response whether the request fails over.</summary>
internal sealed partial class Targets
{
    // IsSpent is true if the edge has repeated the request already, may not repeat it, or has sent it to a target in cool-down as a last resort.
    public RetryAdvice Advice => _outcome is TargetOutcome.RateLimited or TargetOutcome.QuotaSpent
        ? new(_gate.FreeIn(able, _tried), IsSpent: false)
        : new(FreeIn: null, IsSpent: _isUncertain || MayNotRepeat || _outcome is null or TargetOutcome.Failed or TargetOutcome.Silent && (_workedCount > 0 || _isLastResort));

    /// <summary>Timeout for the first byte, after which another target may be asked, although the current target may still be working. Null: no timeout.</summary>
    public TimeSpan? Timeout => Plan.Route is { Uncertain: UncertainRepeat.Once } route && HasOther && !_isUncertain && _attemptCount < RequestAttempt.Max && _workedCount + 1 < Plan.Attempts && _gate.Open(Available & ~_tried) != 0 ? route.FirstByte : null;

    // The provider may be working on the request, and the route forbids sending it twice.
    private bool MayNotRepeat => Plan.Route is { Uncertain: UncertainRepeat.Never } && _outcome is null or TargetOutcome.Started;

    public bool ShouldFailOver(int status, TimeSpan? retryAfter, RefusalCause cause = RefusalCause.Unknown)
    {
        _outcome = TargetOutcomes.OutcomeOf(status, retryAfter, cause);
        if (_outcome != TargetOutcome.Started)
        {
            RecordOutcome(_outcome.Value, retryAfter);
        }

        return cause == RefusalCause.TooLong ? TryPickLarger() : _outcome is not (TargetOutcome.None or TargetOutcome.Started) && TryPickNext(_outcome.Value);
    }

    public void ResponseStarted() => RecordOutcome(TargetOutcome.Started, hint: null);

    public bool ShouldFailOverStream(RefusalCause cause = RefusalCause.Unknown)
    {
        if (cause == RefusalCause.TooLong)
        {
            return TryPickLarger();
        }

        _outcome = TargetOutcomes.OutcomeOf(StatusCodes.Status500InternalServerError, null, cause);
        RecordOutcome(_outcome.Value, hint: null);
        return TryPickNext(_outcome.Value, "stream_error");
    }

    // Targets with a smaller context would refuse, too. So they are excluded even if no larger target can be picked in the end.
    private bool TryPickLarger()
    {
        if (Plan.Route is not { Overflow: OverflowRule.Larger } || !MayRetry || _gate.Open(Available & ~_tried & Plan.LargerThan(_place)) == 0)
        {
            return false;
        }

        _tried |= ~Plan.LargerThan(_place);
        _outcome = TargetOutcome.None;
        RecordOutcome(TargetOutcome.None, hint: null);
        _next = Pick();
        FallbackReason ??= _next < 0 ? null : TargetOutcomes.TooLong;
        return _next >= 0;
    }

    public bool ShouldFailOverOnSilence()
    {
        if (!MayPickAnother())
        {
            return false;
        }

        _outcome = TargetOutcome.Silent;
        RecordOutcome(TargetOutcome.Silent, hint: null);
        return TryPickAnother(TargetOutcome.Silent);
    }
}
