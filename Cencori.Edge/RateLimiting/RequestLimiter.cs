using System.Threading.RateLimiting;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>Takes a request from its project's limits, and tells the client how they stand, refused or not.</summary>
public sealed class RequestLimiter(PartitionedRateLimiter<RateLimitCost> limiter, RateLimitMetrics metrics, TimeProvider time)
{
    /// <summary>
    /// Refuses a request that cannot pass now whatever its body says, so that a flood of them costs neither reading nor a
    /// round trip. Takes nothing.
    /// </summary>
    public bool TryRefuse(HttpContext context, ProjectSnapshot project)
    {
        using var probe = (RateLimitReservation)limiter.AttemptAcquire(new RateLimitCost(project.Id, project.RateLimits, 0), permitCount: 0);
        if (probe.IsAcquired)
        {
            return false;
        }

        metrics.Record(probe);
        WriteHeaders(context, probe);
        context.Refuse(Explain(probe, tokens: 0));
        return true;
    }

    /// <summary>One request, <paramref name="tokens"/> and one slot, all or nothing.</summary>
    /// <returns>To be disposed when the response has ended; null when the request was refused.</returns>
    public async ValueTask<RateLimitReservation?> AcquireAsync(HttpContext context, ProjectSnapshot project, long tokens)
    {
        var cost = new RateLimitCost(project.Id, project.RateLimits, tokens);
        var reservation = (RateLimitReservation)await limiter.AcquireAsync(cost, permitCount: 1, context.RequestAborted);

        metrics.Record(reservation);
        WriteHeaders(context, reservation);
        if (reservation.IsAcquired)
        {
            return reservation;
        }

        await context.Refuse(Explain(reservation, tokens));
        reservation.Dispose();
        return null;
    }

    private static EdgeError Explain(RateLimitReservation refused, long tokens)
    {
        if (refused.RefusedBy == LimitName.Unavailable)
        {
            return new(ErrorKind.RateLimitUnavailable, "The edge cannot check the project's limits at the moment.") { RetryAfter = refused.RetryAfter };
        }

        var limit = refused.RefusedBy switch
        {
            LimitName.Requests => $"{refused.Requests?.Limit} requests",
            LimitName.Tokens => $"{refused.Tokens?.Limit} tokens{(tokens > 0 ? $", {tokens} needed" : "")}",
            _ => "requests under way at one time",
        };
        return new EdgeError(
            ErrorKind.RateLimitExceeded,
            refused.RetryAfter is null
                ? $"This request is larger than the project's limit ({limit}) and can never pass."
                : $"The project's limit is reached ({limit}).")
        {
            Param = refused.RefusedBy,
            RetryAfter = refused.RetryAfter,
            IsFinal = refused.RetryAfter is null,
        };
    }

    // Set as late as possible: the provider's headers of these names describe its own account, not this project.
    private void WriteHeaders(HttpContext context, RateLimitReservation reservation) => context.Response.OnStarting(
        static state =>
        {
            var (context, reservation, time) = ((HttpContext, RateLimitReservation, TimeProvider))state;
            RateLimitHeaders.Write(context.Response.Headers, reservation, time);
            return Task.CompletedTask;
        },
        (context, reservation, time));
}
