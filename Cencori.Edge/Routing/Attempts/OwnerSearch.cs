using System.Collections.Immutable;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Routing.Attempts;

/// <summary>
/// Finds the credential whose account has a stored object that the request reads. Asks each credential in turn until the provider responds with another
/// status than 404.
/// </summary>
/// <param name="all">The credentials in the order in which they are asked, at least two.</param>
/// <param name="found">Called with the credential that has the object, before the caller gets any of the response.</param>
internal sealed class OwnerSearch(ImmutableArray<ProviderCredential> all, Action<ProviderCredential> found) : IFailoverPolicy
{
    private int _place;
    private bool _isExhausted;

    /// <summary>The credential that is asked now.</summary>
    public ProviderCredential Current => all[_place];

    public RetryAdvice Advice => default;

    public TimeSpan? Timeout => null;

    public bool ShouldFailOver(int status, TimeSpan? retryAfter, RefusalCause cause = RefusalCause.Unknown)
    {
        _isExhausted = status == StatusCodes.Status404NotFound && _place + 1 < Math.Min(all.Length, RequestAttempt.Max);
        if (status is >= 200 and < 300)
        {
            found(Current);
        }

        return _isExhausted;
    }

    public void ResponseStarted()
    {
    }

    public bool ShouldFailOverStream(RefusalCause cause = RefusalCause.Unknown) => false;

    public bool ShouldFailOverOnSilence() => false;

    /// <summary>Moves to the next credential if the current one does not have the object.</summary>
    public bool TryNext()
    {
        if (!_isExhausted)
        {
            return false;
        }

        (_place, _isExhausted) = (_place + 1, false);
        return true;
    }
}
