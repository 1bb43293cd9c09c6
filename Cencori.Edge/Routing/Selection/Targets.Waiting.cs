using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Routing.Health;

namespace Cencori.Edge.Routing.Selection;

/// <summary>Handles requests without an open target: how long they wait, or why they are refused.</summary>
internal sealed partial class Targets
{
    // Candidates whose credential had no room in its limits. Cleared after a wait and before sending.
    private ulong _full;
    private TimeSpan _timeUntilRoom = TimeSpan.MaxValue;

    // Candidates that can serve the request and are not known to be full.
    private ulong Available => able & ~_full;

    // Time until the first full candidate has room. TimeSpan.MaxValue: no candidate is full, or none will ever have room.
    private TimeSpan TimeUntilRoom => _gate.FindShortestWait(Available, TargetOutcome.Full) is { Place: >= 0, Wait: var wait } && wait < _timeUntilRoom ? wait : _timeUntilRoom;

    private TimeSpan MaxWaitForRoom => Plan.Route?.MaxWait is { } max && max > CredentialQuota.ShortestWait ? max : CredentialQuota.ShortestWait;

    /// <summary>The ids of the candidates' credentials that have no room for the request.</summary>
    public string[] WaitsFor
    {
        get
        {
            var ids = new List<string>();
            for (var place = 0; place < Plan.Candidates.Length; place++)
            {
                if ((able >> place & 1) != 0 && ((_full >> place & 1) != 0 || _gate.WaitFor(place).Why == TargetOutcome.Full))
                {
                    ids.Add(Plan.Candidates[place].Id);
                }
            }

            return [.. ids];
        }
    }

    /// <summary>The longest total wait until a target can be asked.</summary>
    /// <param name="refusal">Why no target can be asked now.</param>
    public TimeSpan MaxWait(EdgeError refusal) => refusal.LimitedBy == EdgeError.ByCredential ? MaxWaitForRoom : Plan.Route?.MaxWait ?? TimeSpan.Zero;

    /// <summary>Why no target can be asked now. Null: one can.</summary>
    public EdgeError? Refusal() => (_full == 0 && _gate.AreAllOpen) || _gate.Open(Available) != 0 || LastResort() >= 0 ? null : RefusalOf(Available);

    // The error if none of the given candidates can be asked now. Null: none of them said to wait or is full.
    private EdgeError? RefusalOf(ulong among)
    {
        var (reported, timeUntilRoom) = (_gate.FindShortestWait(among, TargetOutcome.RateLimited), TimeUntilRoom);
        return reported.Place >= 0 && reported.Wait <= timeUntilRoom
                ? new RetryAdvice(_gate.FreeIn(among, _tried), IsSpent: false).ApplyTo(new EdgeError(ErrorKind.ProviderRateLimited, Plan.AllRateLimitedMessage) { LimitedBy = EdgeError.ByProvider })
            : _full != 0 || _gate.FindShortestWait(among, TargetOutcome.Full).Place >= 0 ? CredentialQuota.Refusal(Plan.Credentials, timeUntilRoom)
            : null;
    }

    /// <summary>Marks the credentials that other requests wait for as full, because those requests go first.</summary>
    /// <param name="timeUntilRoom">Time until those requests are served; null: no request waits for the credential.</param>
    public void MarkFullForQueued(Func<string, TimeSpan?> timeUntilRoom)
    {
        for (var place = 0; place < Plan.Candidates.Length; place++)
        {
            if (((Plan.Limited & able) >> place & 1) != 0 && timeUntilRoom(Plan.Candidates[place].Id) is { } wait)
            {
                NoteFull(place, wait);
            }
        }
    }

    /// <summary>Passes over the chosen candidate, because the project's limits of its credential have no room. Chooses another one.</summary>
    /// <param name="timeUntilRoom">Time until there may be room; <see cref="TimeSpan.MaxValue"/>: there will never be room.</param>
    /// <returns>Null, or why no target can be asked now.</returns>
    public EdgeError? SkipCurrent(TimeSpan timeUntilRoom)
    {
        Unload(firstByte: null, hasFailed: false);
        RecordOutcome(TargetOutcome.None, hint: null);
        _trial = null;
        _tried &= ~(1UL << _place);
        _attemptCount--;
        NoteFull(_place, timeUntilRoom);
        return Choose();
    }

    /// <summary>Forgets which candidates are full, after a wait or before sending: they may have room again.</summary>
    public void ClearFull() => (_full, _timeUntilRoom) = (0, TimeSpan.MaxValue);

    /// <summary>Chooses the first target, or the next one.</summary>
    /// <returns>Null, or why no target can be asked now. The call may be repeated.</returns>
    public EdgeError? Choose()
    {
        if (!_isAfterFirst)
        {
            return Begin();
        }

        if ((_place = Pick()) < 0)
        {
            // If a provider may have worked on the request, the caller should not repeat the request either.
            return new RetryAdvice(FreeIn: null, IsSpent: _isUncertain || _workedCount > 0).ApplyTo(RefusalOf(Available & ~_tried) ?? new EdgeError(ErrorKind.ProviderUnavailable, "None of the remaining targets for this request is available now."));
        }

        (_load = Current.Load)?.Begin();
        return null;
    }

    private void NoteFull(int place, TimeSpan timeUntilRoom)
    {
        _full |= 1UL << place;
        _timeUntilRoom = timeUntilRoom < _timeUntilRoom ? timeUntilRoom : _timeUntilRoom;
    }

    // The candidate in cool-down to try as a last resort; -1: none. Waiting for a candidate that has room soon is better.
    private int LastResort() => TimeUntilRoom <= MaxWaitForRoom ? -1 : _gate.LastResort(Available);
}
