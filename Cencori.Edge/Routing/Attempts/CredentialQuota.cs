using System.Threading.RateLimiting;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Routing.Attempts;

/// <summary>
/// Enforces the limits that a project sets on each of its credentials. Each attempt reserves room in these limits before it is sent. Uses the same
/// limiter as the limits of projects.
/// </summary>
public sealed class CredentialQuota(PartitionedRateLimiter<RateLimitCost> limiter)
{
    /// <summary>How long a request may wait for room in a credential's limits. A route may allow longer waits.</summary>
    public static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(2);

    // The wait after a refusal by the concurrency limit. A slot may become free at any time.
    private static readonly TimeSpan SlotPollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Reserves one request, its tokens and one concurrency slot: all of them, or none.</summary>
    internal async ValueTask<RateLimitReservation> TakeAsync(ProviderCredential credential, long tokens, CancellationToken cancellation) =>
        (RateLimitReservation)await limiter.AcquireAsync(CostOf(credential, tokens), permitCount: 1, cancellation);

    /// <summary>Returns how long the credential's limits certainly have no room. Reserves nothing.</summary>
    /// <returns>Zero: there may be room.</returns>
    internal TimeSpan MinTimeUntilRoom(ProviderCredential credential, long tokens)
    {
        using var probe = (RateLimitReservation)limiter.AttemptAcquire(CostOf(credential, tokens), permitCount: 0);
        return probe.IsAcquired ? TimeSpan.Zero : TimeUntilRoom(probe);
    }

    /// <summary>Returns the time until there may be room for a refused request.</summary>
    /// <returns><see cref="TimeSpan.MaxValue"/>: never.</returns>
    internal static TimeSpan TimeUntilRoom(RateLimitReservation refused) =>
        refused.RefusedBy == LimitName.Concurrency ? SlotPollInterval : refused.RetryAfter ?? TimeSpan.MaxValue;

    /// <summary>The error for a caller that would have to wait too long.</summary>
    /// <param name="owner">The limited credentials, such as <c>the credentials of the route 'chat'</c>.</param>
    /// <param name="timeUntilRoom">Time until there may be room; <see cref="TimeSpan.MaxValue"/>: there will never be room.</param>
    internal static EdgeError Refusal(string owner, TimeSpan timeUntilRoom) => timeUntilRoom == TimeSpan.MaxValue
        ? new(ErrorKind.ProviderRateLimited, $"The project's own limits for {owner} never allow a request of this size. Send a smaller request.") { IsFinal = true, LimitedBy = EdgeError.ByCredential }
        : new(ErrorKind.ProviderRateLimited, $"The project's own limits for {owner} are reached. Wait before you send the request again.") { RetryAfter = timeUntilRoom, IsRetryable = true, LimitedBy = EdgeError.ByCredential };

    private static RateLimitCost CostOf(ProviderCredential credential, long tokens) => new(credential.LimitsId, credential.Limits!, tokens);
}
