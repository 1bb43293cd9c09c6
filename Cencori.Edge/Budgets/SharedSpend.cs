using System.Globalization;
using System.Security.Cryptography;
using Cencori.Edge.Pricing;
using Cencori.Edge.Redis;
using StackExchange.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>The way of this edge's budgets to Redis. It is away where the limiter finds it away, and the other way round.</summary>
internal sealed class SharedSpend(RedisConnection connection, RedisAvailability availability, RedisDeadline deadline)
{
    /// <summary>After this time without a word of an edge, nothing is set aside for it any more.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    // Beyond the month, for requests that began in it.
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

    /// <summary>The first call of all, for which no request waits.</summary>
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

    /// <summary>By all edges; null: Redis does not say.</summary>
    public async Task<SpendCounter?> ReadAsync(string projectId, BillingMonth month, string keyId)
    {
        try
        {
            var (counted, released, setAside) = ((long?)null, 0L, 0L);
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
                    setAside += long.Parse(its, CultureInfo.InvariantCulture);
                }
            }

            return counted is { } nanodollars ? new SpendCounter(new(Nanodollars.ToUsd(nanodollars), Nanodollars.ToUsd(released)), setAside) : null;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return null;
        }
    }

    public static RedisKey KeyOf(string projectId, BillingMonth month, string keyId) => $"cencori:{{{projectId}}}:budget:{month}:{keyId}";
}
