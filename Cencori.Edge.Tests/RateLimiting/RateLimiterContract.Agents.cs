using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.RateLimiting;

public abstract partial class RateLimiterContract
{
    [Fact]
    public async Task A_caller_that_leaves_between_the_agents_and_the_projects_limits_holds_nothing()
    {
        using var limiter = CreateLimiter();
        using var leaving = new CancellationTokenSource();
        using var left = new LeavingLimiter(limiter, leaving);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var (agent, project) = (NewAgent(), NewProjectWith(Concurrent(1)));
        var context = new DefaultHttpContext { RequestAborted = leaving.Token };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await new RequestLimiter(left, new RateLimitMetrics(services.GetRequiredService<IMeterFactory>())).TryAcquireAsync(context, project, 100, agent));

        await SettledAsync();
        Assert.True((await AcquireAsync(limiter, agent.LimitsId, agent.RateLimits!, 100)).IsAcquired);
        Assert.True((await AcquireAsync(limiter, project.Id, project.RateLimits)).IsAcquired);
    }

    [Fact]
    public async Task A_request_needs_room_in_the_agents_limits_and_in_the_projects_and_takes_from_both_or_neither()
    {
        using var limiter = CreateLimiter();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var requests = new RequestLimiter(limiter, new RateLimitMetrics(services.GetRequiredService<IMeterFactory>()));
        var (agent, full, free) = (NewAgent(), NewProjectWith(Concurrent(1)), NewProjectWith(Concurrent(1)));
        using var running = await AcquireAsync(limiter, full.Id, full.RateLimits);

        Assert.Equal("The project's limit of 1 request at one time is reached.", await RefusedAsync(full));
        await SettledAsync();
        Assert.True((await ProbeAsync(limiter, agent.LimitsId, agent.RateLimits!, 100)).IsAcquired);

        var context = new Exchange(new DefaultHttpContext(), Clock).Context;
        Assert.True(await requests.TryAcquireAsync(context, free, 60, agent));
        Assert.StartsWith("The agent's limit of 1 request ", await RefusedAsync(full), StringComparison.Ordinal);
        Assert.False((await ProbeAsync(limiter, free.Id, free.RateLimits)).IsAcquired);

        var reservation = context.Features.GetRequiredFeature<IRateLimitFeature>().Reservation!;
        reservation.Settle(10);
        reservation.Dispose();
        await SettledAsync();
        Assert.True((await ProbeAsync(limiter, free.Id, free.RateLimits)).IsAcquired);
        Assert.InRange(await TokensLeftAsync(limiter, agent.LimitsId, agent.RateLimits!), 90, 100);

        async Task<string> RefusedAsync(ProjectSnapshot project)
        {
            var asked = new Exchange(new DefaultHttpContext(), Clock).Context;
            Assert.False(await requests.TryAcquireAsync(asked, project, 60, agent));
            return asked.GetRefusal()!.Message;
        }
    }

    private static Agent NewAgent() => new(new AgentRecord
    {
        Id = "agt_1", ProjectId = NewProject(), Name = "a", CreatedAt = default, RequestsPerMinute = 1, TokensPerMinute = 100, ConcurrentRequests = 1,
    });

    private static ProjectSnapshot NewProjectWith(RateLimits limits) => new() { Id = NewProject(), ModelAliases = FrozenDictionary<string, string>.Empty, RateLimits = limits, Credentials = [] };

    /// <summary>Simulates a caller that disconnects as soon as the inner limiter has admitted the request.</summary>
    private sealed class LeavingLimiter(PartitionedRateLimiter<RateLimitCost> inner, CancellationTokenSource leaving) : PartitionedRateLimiter<RateLimitCost>
    {
        public override RateLimiterStatistics? GetStatistics(RateLimitCost resource) => inner.GetStatistics(resource);

        protected override RateLimitLease AttemptAcquireCore(RateLimitCost resource, int permitCount) => inner.AttemptAcquire(resource, permitCount);

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(RateLimitCost resource, int permitCount, CancellationToken cancellationToken)
        {
            var lease = await inner.AcquireAsync(resource, permitCount, cancellationToken);
            await leaving.CancelAsync();
            return lease;
        }
    }
}
