using System.Net;
using Cencori.Edge.Redis;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Counts wrong admin tokens of the last minute, per address and in total. After too many, the administration refuses that address, or
/// every address that has never sent the correct token. Edges with the same Redis share the counts; without Redis, each edge has its own.
/// </summary>
/// <remarks>Attempts of a refused address are not counted, so memory use is bounded.</remarks>
internal sealed class AdminTokenLockout(TimeProvider time, RedisConnection? redis = null, RedisDeadline? deadline = null, RedisAvailability? availability = null)
{
    /// <summary>Maximum number of wrong tokens of one address in the last minute.</summary>
    public const int MaxPerAddress = 5;

    /// <summary>Maximum number of wrong tokens of all addresses together in the last minute.</summary>
    public const int MaxTotal = 50;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Maximum number of addresses that are remembered because they sent the correct token. There are few administrators.
    private const int MaxKnown = 16;

    private readonly Lock _lock = new();
    private readonly Queue<(IPAddress Address, long At)> _counted = new();
    private readonly HashSet<IPAddress> _known = [];

    /// <summary>Returns the remaining time for which the address is refused, by this edge's own count. Zero: the address is not refused.</summary>
    public TimeSpan LockOut(IPAddress address)
    {
        lock (_lock)
        {
            return Remaining(address);
        }
    }

    /// <summary>Counts a wrong token.</summary>
    /// <returns>The time for which the address is refused, if this token exceeded a limit. Otherwise zero.</returns>
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

    /// <summary>Records that the address has sent the correct token.</summary>
    /// <returns>The time for which the address is refused in spite of the correct token. Zero: the address is not refused.</returns>
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

        return own >= MaxPerAddress ? Window - time.GetElapsedTime(first)
            : _counted.Count >= MaxTotal && !_known.Contains(address) ? Window - time.GetElapsedTime(_counted.Peek().At)
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
            AdminTokenLockoutScript.Text, [AdminTokenLockoutScript.Key], [(long)Window.TotalMicroseconds, MaxPerAddress, MaxTotal, $"{address}", isWrong ? 1 : 0]))!;
}
