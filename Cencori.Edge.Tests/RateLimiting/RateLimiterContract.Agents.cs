using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Http;
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
        var agent = new Agent(new AgentRecord
        {
            Id = "agt_1", ProjectId = NewProject(), Name = "a", CreatedAt = default, RequestsPerMinute = 1, TokensPerMinute = 100, ConcurrentRequests = 1,
        });
        var project = new ProjectSnapshot { Id = NewProject(), ModelAliases = FrozenDictionary<string, string>.Empty, RateLimits = Concurrent(1), Credentials = [] };
        var context = new DefaultHttpContext { RequestAborted = leaving.Token };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await new RequestLimiter(left, new RateLimitMetrics(services.GetRequiredService<IMeterFactory>())).TryAcquireAsync(context, project, 100, agent));

        await SettledAsync();
        Assert.True((await AcquireAsync(limiter, agent.LimitsId, agent.RateLimits!, 100)).IsAcquired);
        Assert.True((await AcquireAsync(limiter, project.Id, project.RateLimits)).IsAcquired);
    }

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
