using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>What is made of each response.</summary>
internal sealed partial class Targets
{
    // Failed: it was repeated already, or was sent in spite of what was known.
    public RetryAdvice Advice => _told is TargetOutcome.RateLimited or TargetOutcome.QuotaSpent
        ? new(_gate.FreeIn(able, _tried), IsSpent: false)
        : new(FreeIn: null, IsSpent: _isUncertain || MayNotRepeat || _told is null or TargetOutcome.Failed or TargetOutcome.Silent && (_workedAt > 0 || _isResort));

    /// <summary>Where somebody else may be asked although this one may be at work. Null: however long it takes.</summary>
    public TimeSpan? Timeout => Plan.Route is { Uncertain: UncertainRepeat.Once } route && HasOther && !_isUncertain && _asked < RequestAttempt.Most && _workedAt + 1 < Plan.Attempts && _gate.Open(Left & ~_tried) != 0 ? route.FirstByte : null;

    // It may be at work, and its route has said that it is not to be done twice.
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

    // Of those that are no larger nothing else is to be heard, also when a larger one cannot do it either.
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
