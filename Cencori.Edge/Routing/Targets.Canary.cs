using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Routing;

/// <summary>What a request tells of the target that it is for by its group's split.</summary>
internal sealed partial class Targets
{
    private CanaryTrial? _trial;
    private int _ofTrial;
    private bool _hasCounted;

    // Also what went elsewhere counts for whom it was for. Else an outage of both would count by the failures that it takes to be left alone, which are the same for a small share.
    private void BeginTrial()
    {
        if (!Plan.IsWatched || TargetPicker.Pick(Plan, able, Basis()) is not (>= 0 and var meant) || Plan.GroupOf(meant) is not { Trial: { } trial } group)
        {
            return;
        }

        var target = Plan.Candidates[meant].Target;
        if (target == Current.Target)
        {
            (_trial, _ofTrial) = (trial, group.Targets.IndexOf(target));
        }
        else if (!_hasCounted && _gate.WaitFor(meant).Why is var why && IsFault(why))
        {
            // It may choose many times until it is sent.
            _hasCounted = true;
            trial.Add(group.Targets.IndexOf(target), hasFailed: true);
        }
    }

    // The first attempt only: what others have failed at before may be the request's own fault.
    private void EndTrial(AttemptEnd end, bool hasFailed)
    {
        if (_trial is not { } trial)
        {
            return;
        }

        _trial = null;
        var isFault = hasFailed || (_told is { } told && IsFault(told));
        if (isFault || (_told == TargetOutcome.Started && end is AttemptEnd.Completed or AttemptEnd.None))
        {
            trial.Add(_ofTrial, isFault);
        }
    }

    // Who has too much to do is not worse for it, and what is wrong with a request is nobody's fault but the caller's.
    private static bool IsFault(TargetOutcome outcome) => outcome is TargetOutcome.Failed or TargetOutcome.Silent or TargetOutcome.CredentialRefused or TargetOutcome.Forbidden
        or TargetOutcome.QuotaSpent or TargetOutcome.NotThere or TargetOutcome.NoSuchModel;
}
