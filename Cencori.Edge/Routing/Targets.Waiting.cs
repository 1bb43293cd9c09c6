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

    /// <summary>How long it may wait in all until somebody can be asked.</summary>
    /// <param name="nobody">Why nobody can be now.</param>
    public TimeSpan MaxWait(EdgeError nobody) =>
        (Plan.Route?.MaxWait ?? TimeSpan.Zero) is var most && nobody.LimitedBy == EdgeError.ByCredential && most < CredentialQuota.ShortestWait ? CredentialQuota.ShortestWait : most;

    /// <summary>Why nobody can be asked now; null: somebody can.</summary>
    public EdgeError? Refusal()
    {
        if ((_full == 0 && _gate.IsWide) || _gate.Open(Left) != 0 || _gate.Resort(Left) >= 0)
        {
            return null;
        }

        var (told, full) = (_gate.Soonest(Left, TargetOutcome.RateLimited), _gate.Soonest(Left, TargetOutcome.Full));
        var roomIn = full.Place >= 0 && full.Wait < _roomIn ? full.Wait : _roomIn;
        return told.Place >= 0 && told.Wait <= roomIn
                ? new RetryAdvice(_gate.FreeIn(Left, _tried), IsSpent: false).ApplyTo(new EdgeError(ErrorKind.ProviderRateLimited, Plan.AllWait) { LimitedBy = EdgeError.ByProvider })
            : _full != 0 || full.Place >= 0 ? CredentialQuota.Refusal(Plan.Credentials, roomIn)
            : null;
    }

    /// <summary>The project's own limits have no room for it with who was chosen, as if that one could not do it. Chooses another.</summary>
    /// <param name="roomIn">When there may be some; <see cref="TimeSpan.MaxValue"/>: never.</param>
    /// <returns>Null, or why nobody can be asked now.</returns>
    public EdgeError? PassBy(TimeSpan roomIn)
    {
        Unload(firstByte: null, hasFailed: false);
        Tell(TargetOutcome.None, hint: null);
        _full |= 1UL << _place;
        _tried &= ~(1UL << _place);
        _asked--;
        _roomIn = roomIn < _roomIn ? roomIn : _roomIn;
        if (!_isLater)
        {
            return Begin();
        }

        if ((_place = Pick()) < 0)
        {
            return Refusal() ?? CredentialQuota.Refusal(Plan.Credentials, _roomIn);
        }

        (_load = Current.Load)?.Begin();
        return null;
    }

    /// <summary>Others wait already for what it could be sent to.</summary>
    /// <param name="wait">When the first of them can be served.</param>
    public EdgeError Behind(TimeSpan wait) => (Refusal() ?? CredentialQuota.Refusal(Plan.Credentials, wait)) with { RetryAfter = wait };

    /// <summary>It has waited: there may be room again.</summary>
    public void Again() => (_full, _roomIn) = (0, TimeSpan.MaxValue);
}
