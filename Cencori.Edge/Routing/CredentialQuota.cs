using System.Threading.RateLimiting;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Routing;

/// <summary>What a project lets be sent with each of its credentials: taken before an attempt, and settled when that is over. Kept where the limits of projects are.</summary>
public sealed class CredentialQuota(PartitionedRateLimiter<RateLimitCost> limiter)
{
    /// <summary>How long a request waits for room, where its route does not let it wait for longer.</summary>
    public static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(2);

    // Whoever is under way may be done at any time.
    private static readonly TimeSpan UntilOneMayBeDone = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes the request, its tokens and a slot, all or nothing.</summary>
    internal async ValueTask<RateLimitReservation> TakeAsync(ProviderCredential credential, long tokens, CancellationToken cancellation) =>
        (RateLimitReservation)await limiter.AcquireAsync(CostOf(credential, tokens), permitCount: 1, cancellation);

    /// <summary>How long there is certainly no room. Takes nothing.</summary>
    /// <returns>Zero: there may be some.</returns>
    internal TimeSpan FullFor(ProviderCredential credential, long tokens)
    {
        using var probe = (RateLimitReservation)limiter.AttemptAcquire(CostOf(credential, tokens), permitCount: 0);
        return probe.IsAcquired ? TimeSpan.Zero : RoomIn(probe);
    }

    /// <summary>When there may be room for what was refused.</summary>
    /// <returns><see cref="TimeSpan.MaxValue"/>: never.</returns>
    internal static TimeSpan RoomIn(RateLimitReservation refused) =>
        refused.RefusedBy == LimitName.Concurrency ? UntilOneMayBeDone : refused.RetryAfter ?? TimeSpan.MaxValue;

    /// <summary>What a caller is told that has to wait for longer than it may.</summary>
    /// <param name="whose">Such as <c>the credentials of the route 'chat'</c>.</param>
    /// <param name="roomIn">When there may be room; <see cref="TimeSpan.MaxValue"/>: never.</param>
    internal static EdgeError Refusal(string whose, TimeSpan roomIn) => roomIn == TimeSpan.MaxValue
        ? new(ErrorKind.ProviderRateLimited, $"This request is more than the project's own limits of {whose} ever let pass.") { IsFinal = true, LimitedBy = EdgeError.ByCredential }
        : new(ErrorKind.ProviderRateLimited, $"The project's own limits of {whose} are reached.") { RetryAfter = roomIn, IsRetryable = true, LimitedBy = EdgeError.ByCredential };

    private static RateLimitCost CostOf(ProviderCredential credential, long tokens) => new(credential.LimitsId, credential.Limits!, tokens);
}
