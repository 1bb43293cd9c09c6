using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Routing;

/// <summary>What becomes of a request where nobody can be asked at once.</summary>
internal sealed partial class Targets
{
    // Those for which the project's own limits had no room, until that has been waited for.
    private ulong _full;
    private TimeSpan _roomIn = TimeSpan.MaxValue;

    // Those that can do it, and have room.
    private ulong Left => able & ~_full;

    // When the first of those has room that have none now; the longest time: there is none, or it never has.
    private TimeSpan RoomIn => _gate.Soonest(Left, TargetOutcome.Full) is { Place: >= 0, Wait: var wait } && wait < _roomIn ? wait : _roomIn;

    private TimeSpan MaxForRoom => Plan.Route?.MaxWait is { } most && most > CredentialQuota.ShortestWait ? most : CredentialQuota.ShortestWait;

    /// <summary>The ids of the credentials in whose limits there is no room for it.</summary>
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

    /// <summary>How long it may wait in all until somebody can be asked.</summary>
    /// <param name="nobody">Why nobody can be now.</param>
    public TimeSpan MaxWait(EdgeError nobody) => nobody.LimitedBy == EdgeError.ByCredential ? MaxForRoom : Plan.Route?.MaxWait ?? TimeSpan.Zero;

    /// <summary>Why nobody can be asked now; null: somebody can.</summary>
    public EdgeError? Refusal() => (_full == 0 && _gate.IsWide) || _gate.Open(Left) != 0 || Resort() >= 0 ? null : RefusalOf(Left);

    // Of some that cannot be asked. Null: nobody has said that it is to wait.
    private EdgeError? RefusalOf(ulong among)
    {
        var (told, roomIn) = (_gate.Soonest(among, TargetOutcome.RateLimited), RoomIn);
        return told.Place >= 0 && told.Wait <= roomIn
                ? new RetryAdvice(_gate.FreeIn(among, _tried), IsSpent: false).ApplyTo(new EdgeError(ErrorKind.ProviderRateLimited, Plan.AllWait) { LimitedBy = EdgeError.ByProvider })
            : _full != 0 || _gate.Soonest(among, TargetOutcome.Full).Place >= 0 ? CredentialQuota.Refusal(Plan.Credentials, roomIn)
            : null;
    }

    /// <summary>Others wait for room in some credentials, and go before it: there is none for it until they are served.</summary>
    /// <param name="roomIn">When they are; null: nobody waits for it.</param>
    public void LetPass(Func<string, TimeSpan?> roomIn)
    {
        for (var place = 0; place < Plan.Candidates.Length; place++)
        {
            if (((Plan.Limited & able) >> place & 1) != 0 && roomIn(Plan.Candidates[place].Id) is { } wait)
            {
                NoteFull(place, wait);
            }
        }
    }

    /// <summary>The project's own limits have no room for it with who was chosen, as if that one could not do it. Chooses another.</summary>
    /// <param name="roomIn">When there may be some; <see cref="TimeSpan.MaxValue"/>: never.</param>
    /// <returns>Null, or why nobody can be asked now.</returns>
    public EdgeError? PassBy(TimeSpan roomIn)
    {
        Unload(firstByte: null, hasFailed: false);
        Tell(TargetOutcome.None, hint: null);
        _trial = null;
        _tried &= ~(1UL << _place);
        _asked--;
        NoteFull(_place, roomIn);
        return Choose();
    }

    /// <summary>There may be room again: it has waited, or is sent.</summary>
    public void Again() => (_full, _roomIn) = (0, TimeSpan.MaxValue);

    /// <summary>Chooses who is asked: first, or after those that were.</summary>
    /// <returns>Null, or why nobody can be asked now. It may be tried again.</returns>
    public EdgeError? Choose()
    {
        if (!_isLater)
        {
            return Begin();
        }

        if ((_place = Pick()) < 0)
        {
            // What may have been worked on is not to be sent once more by the caller as well.
            return new RetryAdvice(FreeIn: null, IsSpent: _isUncertain || _workedAt > 0).ApplyTo(RefusalOf(Left & ~_tried) ?? new EdgeError(ErrorKind.ProviderUnavailable, "Those that the request could still be sent to cannot be asked now."));
        }

        (_load = Current.Load)?.Begin();
        return null;
    }

    private void NoteFull(int place, TimeSpan roomIn)
    {
        _full |= 1UL << place;
        _roomIn = roomIn < _roomIn ? roomIn : _roomIn;
    }

    // Who has room in a moment is better than one that has failed.
    private int Resort() => RoomIn <= MaxForRoom ? -1 : _gate.Resort(Left);
}
