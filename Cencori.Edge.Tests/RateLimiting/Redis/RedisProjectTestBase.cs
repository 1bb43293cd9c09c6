using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>Creates one project. Redis does not reply to its calls; the test supplies each reply.</summary>
public abstract class RedisProjectTestBase : IClassFixture<StalledRedis>, IDisposable
{
    private const long Permit = RedisScript.UnitsPerPermit;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly StalledRedis _redis;
    private RedisAvailability _availability = null!;

    protected RedisProjectTestBase(StalledRedis redis)
    {
        _redis = redis;
        Begin();
    }

    private protected const long Payer = 77;

    private protected static RateLimits All { get; } = new(60, 10, 600, 5);

    private protected static RateLimits Requests { get; } = new(60, 10, null, null);

    private protected static RateLimits Tokens { get; } = new(null, null, 600, null);

    private protected FakeTimeProvider Clock { get; } = new();

    private protected RedisLimits Limits { get; private set; } = null!;

    private protected RedisProject Project { get; private set; } = null!;

    private protected IRedisParticipant<RedisCall> Participant => Project;

    public void Dispose()
    {
        _services.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Begin(RedisFailureMode mode = RedisFailureMode.Local)
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        var connection = _redis.Connection ?? new RedisConnection(RedisConnection.Parse("localhost:1"));
        _availability = new RedisAvailability(connection, "a setting", meters, Clock, NullLogger<RedisAvailability>.Instance);
        Limits = new RedisLimits(connection, _availability, new RedisDeadline(TimeSpan.FromSeconds(1), Clock), Options.Create(new RateLimitingOptions { OnRedisFailure = mode }), meters);
        Project = new RedisProject(Limits, "p");
    }

    // Marks Redis as unavailable. Then the project sends no call by itself.
    private protected void MarkUnavailable() => _availability.MarkUnavailable(new TimeoutException(), "p");

    private protected Task<RateLimitLease> AskAsync(RateLimits limits, long tokens, int permits = 1)
    {
        Assert.True(Project.TryAcquire(new("p", limits, tokens), permits, out var lease));
        return lease.AsTask();
    }

    // Returns a decision that needs no reply of Redis, so it is complete at once.
    private protected RateLimitReservation Acquire(RateLimits limits, long tokens, int permits = 1)
    {
        var acquiring = AskAsync(limits, tokens, permits);
        Assert.True(acquiring.IsCompletedSuccessfully);
        return (RateLimitReservation)acquiring.Result;
    }

    private protected void Remember(RateLimits limits)
    {
        MarkUnavailable();
        Acquire(limits, 0, permits: 0);
        _availability.Restore();
    }

    private protected RateLimitReservation Admit(long tokens, RateLimits? limits = null, long payer = Payer) => Reply(limits ?? All, tokens, isAdmitted: true, requests: 9, tokens: 500, payer: payer);

    private protected RateLimitReservation Reply(RateLimits limits, long cost, bool isAdmitted, long requests, long tokens, long payer = Payer, int permits = 1)
    {
        var acquire = new PendingAcquire(new("p", limits, cost), permits);
        var call = new RedisCall(1, 0, SlotsHere(limits), [], [acquire]);
        Participant.Take(call, [payer, requests * Permit, tokens * Permit, 0, isAdmitted ? 1 : 0], Clock.GetTimestamp());
        return (RateLimitReservation)acquire.Task.Result;
    }

    private long SlotsHere(RateLimits limits) => limits.ConcurrentRequests is null ? 0 : Project.ReadLevels(limits).Slots;

    private protected void Take(RedisCall call) => Participant.Take(call, [Payer, 9 * Permit, 500 * Permit, 0], Clock.GetTimestamp());

    private protected long SlotsTold() => (long)Participant.NextCall()!.Arguments("edge:a", TimeSpan.FromSeconds(1), default)[11];

    private protected string? Peeked(long tokens) => Project.Peek(new("p", All, tokens), 1)?.RefusedBy;

    private protected static void End(RateLimitReservation reservation, long tokens)
    {
        reservation.Settle(tokens);
        reservation.Dispose();
    }
}
