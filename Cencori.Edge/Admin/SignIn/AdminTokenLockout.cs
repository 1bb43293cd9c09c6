using System.Net;
using Cencori.Edge.Redis;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Counts wrong admin tokens: those of the last minute from one address, and from all. Too many close the administration to that
/// address, or to every address that has never shown the right one. Edges on one Redis count together; while it is away each counts
/// for itself.
/// </summary>
/// <remarks>What is kept grows with what was admitted, and not with what callers send: who is shut out is not counted.</remarks>
internal sealed class AdminTokenLockout(TimeProvider time, RedisConnection? redis = null, RedisDeadline? deadline = null, RedisAvailability? availability = null)
{
    /// <summary>From one address.</summary>
    public const int MaxOfOne = 5;

    /// <summary>From all of them.</summary>
    public const int MaxInAll = 50;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Administrators are few.
    private const int MaxKnown = 16;

    private readonly Lock _lock = new();
    private readonly Queue<(IPAddress Address, long At)> _counted = new();
    private readonly HashSet<IPAddress> _known = [];

    /// <summary>How long the address is shut out, by what this edge has seen itself. Zero: it is not.</summary>
    public TimeSpan LockOut(IPAddress address)
    {
        lock (_lock)
        {
            return Remaining(address);
        }
    }

    /// <summary>Counts a wrong token.</summary>
    /// <returns>How long the address is shut out, where it was one too many.</returns>
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

    /// <summary>The address has shown the right token.</summary>
    /// <returns>How long it is shut out all the same.</returns>
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
