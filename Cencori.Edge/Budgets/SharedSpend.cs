using System.Globalization;
using System.Security.Cryptography;
using Cencori.Edge.Pricing;
using Cencori.Edge.Redis;
using StackExchange.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>Access of this edge's budgets to Redis. If a call of budgets or of rate limits fails, both continue without Redis.</summary>
internal sealed class SharedSpend(RedisConnection connection, RedisAvailability availability, RedisDeadline deadline)
{
    /// <summary>Redis releases the reservations of an edge that has made no call for this time.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    // Lifetime of a budget's hash in Redis. Longer than a month, for requests that begin in the month and end after it.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(40);

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    private readonly RedisValue[] _head =
    [
        RandomNumberGenerator.GetHexString(16, lowercase: true), (long)Silence.TotalMicroseconds, (long)Lifetime.TotalSeconds,
    ];

    public bool IsAvailable => availability.IsAvailable;

    public CallCoalescer<SpendCall> CallsOf(IRedisParticipant<SpendCall> account, Lock gate, string projectId) => new(account, gate, availability, deadline, projectId);

    public async Task<long[]> SendAsync(SpendCall call, string projectId, BillingMonth month) => (long[])(await connection.Database.ScriptEvaluateAsync(
        SpendScript.Text, call.Keys(projectId, month), [.. _head, .. call.Arguments]))!;

    /// <summary>Makes the first call at start, while no request waits for Redis.</summary>
    public async Task StartAsync(SpendCall call, string projectId, BillingMonth month)
    {
        try
        {
            await deadline.WaitAsync(SendAsync(call, projectId, month), StartTimeout);
        }
        catch (Exception exception)
        {
            availability.MarkUnavailable(exception, projectId);
        }
    }

    /// <summary>Reads the spend of all edges. Null: Redis has no data of the budget, fails, or does not reply in time.</summary>
    public async Task<SpendCounter?> ReadAsync(string projectId, BillingMonth month, string keyId)
    {
        try
        {
            var (counted, released, reserved) = ((long?)null, 0L, 0L);
            foreach (var field in await connection.Database.HashGetAllAsync(KeyOf(projectId, month, keyId)).WaitAsync(StartTimeout, deadline.Time))
            {
                if (field.Name == "counted")
                {
                    counted = (long)field.Value;
                }
                else if (field.Name == "released")
                {
                    released = (long)field.Value;
                }
                else if (((string?)field.Value)?.Split(' ') is [_, _, var its, _])
                {
                    reserved += long.Parse(its, CultureInfo.InvariantCulture);
                }
            }

            return counted is { } nanodollars ? new SpendCounter(new(Nanodollars.ToUsd(nanodollars), Nanodollars.ToUsd(released)), reserved) : null;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return null;
        }
    }

    public static RedisKey KeyOf(string projectId, BillingMonth month, string keyId) => $"cencori:{{{projectId}}}:budget:{month}:{keyId}";
}
