using System.Threading.RateLimiting;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.RateLimiting;

/// <summary>Takes a request from its project's limits, and tells the client how they stand, refused or not.</summary>
public sealed class RequestLimiter(PartitionedRateLimiter<RateLimitCost> limiter, RateLimitMetrics metrics)
{
    /// <summary>
    /// Refuses a request that cannot pass now whatever its body says, so that a flood of them costs neither reading nor a
    /// round trip. Takes nothing.
    /// </summary>
    public bool TryRefuse(HttpContext context, ProjectSnapshot project)
    {
        var probe = (RateLimitReservation)limiter.AttemptAcquire(new RateLimitCost(project.Id, project.RateLimits, 0), permitCount: 0);
        if (probe.IsAcquired)
        {
            return false;
        }

        metrics.Record(probe);
        Feature(context).Reservation = probe;
        context.Refuse(LimitSentence.Of(probe, project.RateLimits, tokens: 0));
        return true;
    }

    /// <summary>One request, <paramref name="tokens"/> and one slot, all or nothing.</summary>
    /// <returns>False when the request was refused. Else the request has the reservation, and its owner ends it.</returns>
    public ValueTask<bool> TryAcquireAsync(HttpContext context, ProjectSnapshot project, long tokens)
    {
        var acquiring = limiter.AcquireAsync(new RateLimitCost(project.Id, project.RateLimits, tokens), permitCount: 1, context.RequestAborted);
        return acquiring.IsCompletedSuccessfully ? new(Take(context, acquiring.Result, project, tokens)) : AwaitAsync(context, acquiring, project, tokens);
    }

    private async ValueTask<bool> AwaitAsync(HttpContext context, ValueTask<RateLimitLease> acquiring, ProjectSnapshot project, long tokens) =>
        Take(context, await acquiring, project, tokens);

    private bool Take(HttpContext context, RateLimitLease lease, ProjectSnapshot project, long tokens)
    {
        var reservation = (RateLimitReservation)lease;
        metrics.Record(reservation);
        Feature(context).Reservation = reservation;
        if (!reservation.IsAcquired)
        {
            context.Refuse(LimitSentence.Of(reservation, project.RateLimits, tokens));
        }

        return reservation.IsAcquired;
    }

    private static IRateLimitFeature Feature(HttpContext context) => context.Features.GetRequiredFeature<IRateLimitFeature>();
}
