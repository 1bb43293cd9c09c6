using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Routing.Selection;

/// <summary>Decides after each response whether the request fails over.</summary>
internal sealed partial class Targets
{
    // IsSpent: the edge has repeated the request already, may not repeat it, or has sent it to a target in cool-down as a last resort.
    public RetryAdvice Advice => _told is TargetOutcome.RateLimited or TargetOutcome.QuotaSpent
        ? new(_gate.FreeIn(able, _tried), IsSpent: false)
        : new(FreeIn: null, IsSpent: _isUncertain || MayNotRepeat || _told is null or TargetOutcome.Failed or TargetOutcome.Silent && (_workedAt > 0 || _isResort));

    /// <summary>Timeout for the first byte, after which another target may be asked, although the current target may still be working. Null: no timeout.</summary>
    public TimeSpan? Timeout => Plan.Route is { Uncertain: UncertainRepeat.Once } route && HasOther && !_isUncertain && _asked < RequestAttempt.Most && _workedAt + 1 < Plan.Attempts && _gate.Open(Left & ~_tried) != 0 ? route.FirstByte : null;

    // The provider may be working on the request, and the route forbids sending it twice.
    private bool MayNotRepeat => Plan.Route is { Uncertain: UncertainRepeat.Never } && _told is null or TargetOutcome.Started;

    public bool ShouldFailOver(int status, TimeSpan? retryAfter, RefusalCause cause = RefusalCause.Unknown)
    {
        _told = TargetOutcomes.OutcomeOf(status, retryAfter, cause);
        if (_told != TargetOutcome.Started)
        {
            Tell(_told.Value, retryAfter);
        }

        return cause == RefusalCause.TooLong ? TryPickLarger() : _told is not (TargetOutcome.None or TargetOutcome.Started) && TryPickNext(_told.Value);
    }

    public void ResponseStarted() => Tell(TargetOutcome.Started, hint: null);

    public bool ShouldFailOverStream(RefusalCause cause = RefusalCause.Unknown)
    {
        if (cause == RefusalCause.TooLong)
        {
            return TryPickLarger();
        }

        _told = TargetOutcomes.OutcomeOf(StatusCodes.Status500InternalServerError, null, cause);
        Tell(_told.Value, hint: null);
        return TryPickNext(_told.Value, "stream_error");
    }

    // Targets with a smaller context would refuse, too. So they are excluded even if no larger target can be picked in the end.
    private bool TryPickLarger()
    {
        if (Plan.Route is not { Overflow: OverflowRule.Larger } || !MayGoOn || _gate.Open(Left & ~_tried & Plan.LargerThan(_place)) == 0)
        {
            return false;
        }

        _tried |= ~Plan.LargerThan(_place);
        _told = TargetOutcome.None;
        Tell(TargetOutcome.None, hint: null);
        _next = Pick();
        Why ??= _next < 0 ? null : TargetOutcomes.TooLong;
        return _next >= 0;
    }

    public bool ShouldFailOverOnSilence()
    {
        if (!MayPickAnother())
        {
            return false;
        }

        _told = TargetOutcome.Silent;
        Tell(TargetOutcome.Silent, hint: null);
        return TryPickAnother(TargetOutcome.Silent);
    }
}
