using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Routing.Selection;

/// <summary>Reports outcomes to the canary trial of the target that the traffic split chose.</summary>
internal sealed partial class Targets
{
    private CanaryTrial? _trial;
    private int _trialTarget;
    private bool _hasCounted;

    // A request is counted for the target that the traffic split chose, even if that target cools down and the request goes elsewhere. Otherwise, while
    // both targets are down, only the failures that start a cool-down would be counted. Each of the two targets has equally many of them, but a canary
    // with a small share has fewer requests, so its failure rate would look higher.
    private void BeginTrial()
    {
        if (!Plan.IsWatched || TargetPicker.Pick(Plan, able, Basis()) is not (>= 0 and var picked) || Plan.GroupOf(picked) is not { Trial: { } trial } group)
        {
            return;
        }

        var target = Plan.Candidates[picked].Target;
        if (target == Current.Target)
        {
            (_trial, _trialTarget) = (trial, group.Targets.IndexOf(target));
        }
        else if (!_hasCounted && _gate.WaitFor(picked).Why is var reason && IsFault(reason))
        {
            // The target may be chosen again until the request is sent. Only the first choice is counted.
            _hasCounted = true;
            trial.Add(group.Targets.IndexOf(target), hasFailed: true);
        }
    }

    // Only the first attempt is counted: if another target failed before with the same request, the request itself may be at fault.
    private void EndTrial(AttemptEnd end, bool hasFailed)
    {
        if (_trial is not { } trial)
        {
            return;
        }

        _trial = null;
        var isFault = hasFailed || (_outcome is { } reported && IsFault(reported));
        if (isFault || (_outcome == TargetOutcome.Started && end is AttemptEnd.Completed or AttemptEnd.None))
        {
            trial.Add(_trialTarget, isFault);
        }
    }

    // Rate limits are no fault, because they say nothing about a canary's quality. An invalid request is the caller's fault.
    private static bool IsFault(TargetOutcome outcome) => outcome is TargetOutcome.Failed or TargetOutcome.Silent or TargetOutcome.CredentialRefused or TargetOutcome.Forbidden
        or TargetOutcome.QuotaSpent or TargetOutcome.NotFound or TargetOutcome.NoSuchModel;
}
