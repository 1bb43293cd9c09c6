using System.Net;
using Cencori.Edge.Redis;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Counts wrong admin tokens of the last minute, per address and in total. Too many close the administration to that address, or to
/// every address that has never presented the correct token. Edges on one Redis count together; without Redis, each edge counts alone.
/// </summary>
/// <remarks>Memory grows with admitted attempts, not with all attempts: a closed address is not counted.</remarks>
internal sealed class AdminTokenLockout(TimeProvider time, RedisConnection? redis = null, RedisDeadline? deadline = null, RedisAvailability? availability = null)
{
    /// <summary>Most wrong tokens of one address.</summary>
    public const int MaxOfOne = 5;

    /// <summary>Most wrong tokens of all addresses.</summary>
    public const int MaxInAll = 50;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Most addresses that are remembered as known; administrators are few.
    private const int MaxKnown = 16;

    private readonly Lock _lock = new();
    private readonly Queue<(IPAddress Address, long At)> _counted = new();
    private readonly HashSet<IPAddress> _known = [];

    /// <summary>Remaining time for which the address is closed, by this edge's own count. Zero: open.</summary>
    public TimeSpan LockOut(IPAddress address)
    {
        lock (_lock)
        {
            return Remaining(address);
        }
    }

    /// <summary>Counts a wrong token.</summary>
    /// <returns>Time for which the address is closed, if this token exceeded a limit; else zero.</returns>
    public async ValueTask<TimeSpan> CountAsync(IPAddress address)
    {
        bool isKnown;
        lock (_lock)
        {
            if (Remaining(address) is { Ticks: > 0 } own)
            {
                return own;
            }

            _counted.Enqueue((address, time.GetTimestamp()));
            isKnown = _known.Contains(address);
        }

        return await AskAsync(address, isKnown, isWrong: true);
    }

    /// <summary>Records that the address has presented the correct token.</summary>
    /// <returns>Time for which the address is closed nevertheless; zero: open.</returns>
    public async ValueTask<TimeSpan> AdmitAsync(IPAddress address)
    {
        bool isKnown;
        lock (_lock)
        {
            if (Remaining(address) is { Ticks: > 0 } own)
            {
                return own;
            }

            isKnown = _known.Contains(address);
        }

        var shared = await AskAsync(address, isKnown, isWrong: false);
        if (shared == TimeSpan.Zero && !isKnown)
        {
            lock (_lock)
            {
                if (_known.Count == MaxKnown)
                {
                    _known.Clear();
                }

                _known.Add(address);
            }
        }

        return shared;
    }

    private TimeSpan Remaining(IPAddress address)
    {
        while (_counted.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) >= Window)
        {
            _counted.Dequeue();
        }

        var (own, first) = (0, 0L);
        foreach (var (from, at) in _counted)
        {
            if (from.Equals(address) && own++ == 0)
            {
                first = at;
            }
        }

        return own >= MaxOfOne ? Window - time.GetElapsedTime(first)
            : _counted.Count >= MaxInAll && !_known.Contains(address) ? Window - time.GetElapsedTime(_counted.Peek().At)
            : TimeSpan.Zero;
    }

    private async ValueTask<TimeSpan> AskAsync(IPAddress address, bool isKnown, bool isWrong)
    {
        if (redis is null || availability is not { IsAvailable: true })
        {
            return TimeSpan.Zero;
        }

        try
        {
            var reply = await deadline!.WaitAsync(EvaluateAsync(redis, address, isWrong));
            return TimeSpan.FromMicroseconds(isKnown ? reply[0] : Math.Max(reply[0], reply[1]));
        }
        catch (Exception exception) when (CacheInvalidation.IsOfRedis(exception))
        {
            return TimeSpan.Zero;
        }
    }

    private static async Task<long[]> EvaluateAsync(RedisConnection redis, IPAddress address, bool isWrong) =>
        (long[])(await redis.Database.ScriptEvaluateAsync(
            AdminTokenLockoutScript.Text, [AdminTokenLockoutScript.Key], [(long)Window.TotalMicroseconds, MaxOfOne, MaxInAll, $"{address}", isWrong ? 1 : 0]))!;
}
