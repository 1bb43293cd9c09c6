using System.Collections.Immutable;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>Looks for whoever has something that is only read: each credential is asked in turn until one does not say that it is not there.</summary>
/// <param name="all">In the order in which they are asked, at least two.</param>
/// <param name="found">Told who has it, before the caller has anything of the response.</param>
internal sealed class OwnerSearch(ImmutableArray<ProviderCredential> all, Action<ProviderCredential> found) : IFailoverPolicy
{
    private int _place;
    private bool _isPassed;

    /// <summary>Who is asked.</summary>
    public ProviderCredential Current => all[_place];

    public RetryAdvice Advice => default;

    public TimeSpan? Timeout => null;

    public bool ShouldFailOver(int status, TimeSpan? retryAfter, RefusalCause cause = RefusalCause.Unknown)
    {
        _isPassed = status == StatusCodes.Status404NotFound && _place + 1 < Math.Min(all.Length, RequestAttempt.Most);
        if (status is >= 200 and < 300)
        {
            found(Current);
        }

        return _isPassed;
    }

    public void ResponseStarted()
    {
    }

    public bool ShouldFailOverStream(RefusalCause cause = RefusalCause.Unknown) => false;

    public bool ShouldFailOverOnSilence() => false;

    /// <summary>Goes on to the next, where the one that was asked does not have it.</summary>
    public bool TryNext()
    {
        if (!_isPassed)
        {
            return false;
        }

        (_place, _isPassed) = (_place + 1, false);
        return true;
    }
}
