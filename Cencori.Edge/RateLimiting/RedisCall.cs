using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using StackExchange.Redis;

namespace Cencori.Edge.RateLimiting;

/// <summary>A request that waits for Redis.</summary>
internal sealed class PendingAcquire(RateLimitCost cost, int permits, long slot)
    : TaskCompletionSource<RateLimitLease>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public RateLimitCost Cost => cost;

    public int Permits => permits;

    public long Slot => slot;

    /// <summary>Running requests are counted in Redis only where somebody limits their number.</summary>
    public bool NeedsSlot => permits > 0 && cost.Limits.ConcurrentRequests is not null;
}

/// <summary>What is left to tell Redis of a request that is over.</summary>
/// <param name="Slot">Its slot; null where it holds none.</param>
/// <param name="PayerId">The token bucket that paid. Null: nobody knows whether it did, and the slot is the proof.</param>
/// <param name="Tokens">To give back; negative: to take.</param>
/// <param name="Requests">To give back.</param>
internal readonly record struct EndedRequest(long? Slot, long? PayerId, long Tokens, long Requests);

/// <summary>What an edge has admitted without Redis, and not told it yet. Changed under the project's lock.</summary>
internal sealed class SpentAlone
{
    public long Requests { get; set; }

    public long Tokens { get; set; }

    public bool IsNothing => Requests == 0 && Tokens == 0;
}

/// <summary>One call of <see cref="RedisScript"/> for one project.</summary>
internal sealed class RedisCall(SpentAlone alone, IReadOnlyList<EndedRequest> ended, IReadOnlyList<RedisReservation> running, IReadOnlyList<PendingAcquire> acquires)
{
    /// <summary>Parts of a kind in one call, at most.</summary>
    public const int MaxParts = 500;

    private const int AnswersPerAcquire = 4;

    // Beyond what any limit can be, and small enough that no sum of them leaves 64 bits in the script's units.
    private const long MaxTokens = 1_000_000_000;

    public SpentAlone Alone => alone;

    public IReadOnlyList<EndedRequest> Ended => ended;

    public IReadOnlyList<RedisReservation> Running => running;

    public IReadOnlyList<PendingAcquire> Acquires => acquires;

    /// <param name="lifetime">Of a slot that is not renewed.</param>
    /// <param name="levels">To begin with, where Redis knows nothing of the project.</param>
    public RedisValue[] Arguments(TimeSpan lifetime, (Int128? Requests, Int128? Tokens) levels)
    {
        var values = new RedisValue[13 + (4 * ended.Count) + running.Count + (3 * acquires.Count)];
        var at = 0;
        values[at++] = (long)lifetime.TotalMicroseconds;
        var limits = acquires.Count > 0 ? acquires[0].Cost.Limits : null;
        AddLimits(values, ref at, limits);
        values[at++] = Level(levels.Requests);
        values[at++] = Level(levels.Tokens);
        values[at++] = alone.Requests;
        values[at++] = Math.Min(alone.Tokens, MaxTokens);

        values[at++] = ended.Count;
        foreach (var request in ended)
        {
            values[at++] = request.Slot is { } slot ? slot : RedisValue.EmptyString;
            values[at++] = request.PayerId is { } payer ? payer : RedisValue.EmptyString;
            values[at++] = Math.Clamp(request.Tokens, -MaxTokens, MaxTokens);
            values[at++] = request.Requests;
        }

        values[at++] = running.Count;
        foreach (var reservation in running)
        {
            values[at++] = reservation.Slot;
        }

        values[at++] = acquires.Count;
        foreach (var acquire in acquires)
        {
            values[at++] = acquire.Permits;
            values[at++] = Math.Min(acquire.Cost.Tokens, MaxTokens + 1);
            values[at++] = acquire.NeedsSlot ? acquire.Slot : RedisValue.EmptyString;
        }

        return values;
    }

    public static RedisAnswer Answer(long[] answers, int acquire)
    {
        var at = 1 + (acquire * AnswersPerAcquire);
        return new(answers[at] == 1, answers[at + 1], answers[at + 2], answers[at + 3]);
    }

    private static void AddLimits(RedisValue[] values, ref int at, RateLimits? limits)
    {
        const long None = 0;
        const long AsStored = -1;
        var missing = limits is null ? AsStored : None;
        values[at++] = (limits?.RequestsPerMinute is null ? null : limits.Burst ?? limits.RequestsPerMinute) ?? missing;
        values[at++] = limits?.RequestsPerMinute ?? missing;
        values[at++] = limits?.TokensPerMinute ?? missing;
        values[at++] = limits?.TokensPerMinute ?? missing;
        values[at++] = limits?.ConcurrentRequests ?? None;
    }

    private static RedisValue Level(Int128? level) => level is { } known ? (long)Int128.Clamp(known, long.MinValue, long.MaxValue) : RedisValue.EmptyString;
}
