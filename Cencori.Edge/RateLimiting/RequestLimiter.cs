using System.Threading.RateLimiting;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// Reserves capacity for a request in the rate limits of its project. If the request runs as an agent that has limits, also reserves capacity in the
/// agent's limits. The response headers show the state of the limits, also when the request is refused.
/// </summary>
public sealed class RequestLimiter(PartitionedRateLimiter<RateLimitCost> limiter, RateLimitMetrics metrics)
{
    /// <summary>
    /// Refuses a request that the limits would refuse now whatever its body contains, so that a flood of requests costs neither reading of bodies nor a
    /// Redis call. Reserves nothing.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="project">The project.</param>
    /// <param name="agent">The agent that the request runs as; null: none.</param>
    public bool TryRefuse(HttpContext context, ProjectSnapshot project, Agent? agent = null) =>
        TryRefuse(context, project.Id, project.RateLimits, isOfAgent: false)
        || (agent is { RateLimits: { } limits } && TryRefuse(context, agent.LimitsId, limits, isOfAgent: true));

    /// <summary>Reserves one request, <paramref name="tokens"/> and one concurrency slot: all of them, or none.</summary>
    /// <returns>False: the request was refused. True: the reservation is in <see cref="IRateLimitFeature"/>. It ends with the request.</returns>
    public ValueTask<bool> TryAcquireAsync(HttpContext context, ProjectSnapshot project, long tokens, Agent? agent = null)
    {
        if (agent is { RateLimits: not null })
        {
            return AcquireBothAsync(context, project, tokens, agent);
        }

        var acquiring = AcquireAsync(context, project.Id, project.RateLimits, tokens);
        return acquiring.IsCompletedSuccessfully ? new(Take(context, acquiring.Result, project.RateLimits, tokens)) : AwaitAsync(context, acquiring, project, tokens);
    }

    private bool TryRefuse(HttpContext context, string id, RateLimits limits, bool isOfAgent)
    {
        var probe = (RateLimitReservation)limiter.AttemptAcquire(new RateLimitCost(id, limits, 0), permitCount: 0);
        return !probe.IsAcquired && !Take(context, probe, limits, tokens: 0, isOfAgent);
    }

    private async ValueTask<bool> AwaitAsync(HttpContext context, ValueTask<RateLimitLease> acquiring, ProjectSnapshot project, long tokens) =>
        Take(context, await acquiring, project.RateLimits, tokens);

    // Reserves in the agent's limits first. If the project's limits then refuse, the agent's reservation is returned.
    private async ValueTask<bool> AcquireBothAsync(HttpContext context, ProjectSnapshot project, long tokens, Agent agent)
    {
        var ofAgent = (RateLimitReservation)await AcquireAsync(context, agent.LimitsId, agent.RateLimits!, tokens);
        if (!ofAgent.IsAcquired)
        {
            return Take(context, ofAgent, agent.RateLimits!, tokens, isOfAgent: true);
        }

        RateLimitReservation ofProject;
        try
        {
            ofProject = (RateLimitReservation)await AcquireAsync(context, project.Id, project.RateLimits, tokens);
        }
        catch
        {
            // For example, the caller has disconnected. Only this method knows the reservation in the agent's limits, so this method must cancel it.
            ofAgent.Cancel();
            throw;
        }

        if (ofProject.IsAcquired)
        {
            return Take(context, new PairedReservation(ofProject, ofAgent), project.RateLimits, tokens);
        }

        ofAgent.Cancel();
        return Take(context, ofProject, project.RateLimits, tokens);
    }

    private ValueTask<RateLimitLease> AcquireAsync(HttpContext context, string id, RateLimits limits, long tokens) =>
        limiter.AcquireAsync(new RateLimitCost(id, limits, tokens), permitCount: 1, context.RequestAborted);

    private bool Take(HttpContext context, RateLimitLease lease, RateLimits limits, long tokens, bool isOfAgent = false)
    {
        var reservation = (RateLimitReservation)lease;
        metrics.Record(reservation);
        context.Features.GetRequiredFeature<IRateLimitFeature>().Reservation = reservation;
        if (!reservation.IsAcquired)
        {
            context.Refuse(LimitSentence.Of(reservation, limits, tokens, isOfAgent ? "agent" : "project"));
        }

        return reservation.IsAcquired;
    }
}
