using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using StackExchange.Redis;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>A request (an acquire) that waits for Redis's decision.</summary>
internal sealed class PendingAcquire(RateLimitCost cost, int permits)
    : TaskCompletionSource<RateLimitLease>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public RateLimitCost Cost => cost;

    public int Permits => permits;

    /// <summary>Whether this acquire and <paramref name="other"/> fit into one call:
    /// a call has one set of limits, and one number of permits for every acquire.</summary>
    public bool IsCompatibleWith(PendingAcquire other) => cost.Limits == other.Cost.Limits && permits == other.Permits;
}

/// <summary>
/// Usage of an edge that may not be in Redis yet. Every call repeats the report, with the number of the first call that had it, until a reply arrives.
/// </summary>
/// <param name="ReportedBy">Number of the first call with this report.</param>
/// <param name="UnreportedRequests">Requests admitted without Redis.</param>
/// <param name="UnreportedTokens">Tokens admitted without Redis.</param>
/// <param name="PayerId">The token bucket that paid for ended requests.</param>
/// <param name="Unused">Tokens to return to that bucket; negative: to take.</param>
internal readonly record struct Report(long ReportedBy, long UnreportedRequests, long UnreportedTokens, long PayerId, long Unused)
{
    /// <summary>Requests that were admitted, and then cancelled.</summary>
    public long UnusedRequests { get; init; }
}

/// <summary>One call of <see cref="RedisScript"/> for one project.</summary>
/// <param name="number">Number of the call, higher than that of any earlier call of this edge.</param>
/// <param name="acknowledged">Number of the last call with a reply.</param>
/// <param name="slots">Slots that this edge holds.</param>
/// <param name="reports">Usage that no reply has confirmed yet.</param>
/// <param name="acquires">Acquires with the same limits and permits.</param>
internal sealed class RedisCall(long number, long acknowledged, long slots, IReadOnlyList<Report> reports, IReadOnlyList<PendingAcquire> acquires)
{
    /// <summary>Maximum number of reports, and of acquires, in one call.</summary>
    public const int MaxParts = 500;

    private const int FirstAcquire = 4;

    // Larger token counts are cut to this number. It is larger than any limit, and small enough that sums in the script's units fit into 64 bits.
    private const long MaxTokens = 1_000_000_000;

    public long Number => number;

    public IReadOnlyList<Report> Reports => reports;

    public IReadOnlyList<PendingAcquire> Acquires => acquires;

    /// <summary>Slots that this edge holds in Redis after the reply.</summary>
    public long SlotsAfter(long[] replies) =>
        acquires is [{ Cost.Limits.ConcurrentRequests: not null, Permits: > 0 }, ..] ? slots + replies.AsSpan(FirstAcquire).Count(1) : slots;

    /// <param name="edge">The edge's field in the Redis hash.</param>
    /// <param name="lifetime">Lifetime of slots that are not renewed.</param>
    /// <param name="levels">Initial levels, used if Redis has no balance of the project.</param>
    public RedisValue[] Arguments(RedisValue edge, TimeSpan lifetime, (Int128? Requests, Int128? Tokens) levels)
    {
        var values = new RedisValue[15 + (6 * reports.Count) + acquires.Count];
        var at = 0;
        values[at++] = edge;
        values[at++] = number;
        values[at++] = acknowledged;
        values[at++] = (long)lifetime.TotalMicroseconds;
        AddLimits(values, ref at, acquires.Count > 0 ? acquires[0].Cost.Limits : null);
        values[at++] = Level(levels.Requests);
        values[at++] = Level(levels.Tokens);
        values[at++] = slots;

        values[at++] = reports.Count;
        foreach (var report in reports)
        {
            values[at++] = report.ReportedBy;
            values[at++] = report.UnreportedRequests;
            values[at++] = Math.Min(report.UnreportedTokens, MaxTokens);
            values[at++] = report.PayerId;
            values[at++] = Math.Clamp(report.Unused, -MaxTokens, MaxTokens);
            values[at++] = report.UnusedRequests;
        }

        values[at++] = acquires.Count > 0 ? acquires[0].Permits : 0;
        values[at++] = acquires.Count;
        foreach (var acquire in acquires)
        {
            values[at++] = Math.Min(acquire.Cost.Tokens, MaxTokens + 1);
        }

        return values;
    }

    /// <summary>The decision for each acquire in <paramref name="replies"/>, in order.</summary>
    public IEnumerable<RedisReply> Replies(long[] replies)
    {
        var (requests, tokens, held) = (replies[1], replies[2], replies[3]);
        for (var i = 0; i < acquires.Count; i++)
        {
            var (cost, permits) = (acquires[i].Cost, acquires[i].Permits);
            var isAdmitted = replies[FirstAcquire + i] == 1;
            if (isAdmitted && permits > 0)
            {
                requests -= permits * RedisScript.UnitsPerPermit;
                tokens -= cost.Limits.TokensPerMinute is null ? 0 : cost.Tokens * RedisScript.UnitsPerPermit;
                held++;
            }

            yield return new RedisReply(isAdmitted, requests, tokens, held);
        }
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
