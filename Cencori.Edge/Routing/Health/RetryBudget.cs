using System.Collections.Concurrent;

namespace Cencori.Edge.Routing.Health;

/// <summary>
/// Limits retries after provider failures. Per project and provider: one retry for every five requests, plus one per second. So a provider that fails
/// completely gets hardly more requests than usual, and not several times as many.
/// </summary>
public sealed class RetryBudget(TimeProvider time)
{
    private const double PerRequest = 0.2;
    private const double PerSecond = 1;

    // Numbers of retries. Min: the budget at the start, and the limit up to which time alone refills it. Max: the limit for deposits by requests.
    private const double Min = 10;
    private const double Max = 100;

    // Maximum number of pairs of project and provider. Administrators create both, so more is a mistake, but memory must stay bounded even then.
    private const int MaxShares = 100_000;

    private readonly ConcurrentDictionary<(string ProjectId, string Provider), Share> _shares = new();
    private readonly ConcurrentDictionary<string, long> _refused = new(StringComparer.Ordinal);

    /// <summary>Number of refused retries, by provider.</summary>
    public IEnumerable<(string Provider, long Count)> Refused => _refused.Select(static one => (one.Key, one.Value));

    /// <summary>Adds to the budget. Call this once per request, for its first attempt.</summary>
    public void Deposit(string projectId, string provider)
    {
        var share = Of(projectId, provider);
        lock (share)
        {
            Refill(share);
            share.Tokens = Math.Min(Max, share.Tokens + PerRequest);
        }
    }

    /// <summary>Takes one retry from the budget.</summary>
    /// <returns>False: the budget is used up.</returns>
    public bool TryTake(string projectId, string provider)
    {
        if (TryTake(Of(projectId, provider)))
        {
            return true;
        }

        _refused.AddOrUpdate(provider, 1, static (_, count) => count + 1);
        return false;
    }

    private bool TryTake(Share share)
    {
        lock (share)
        {
            Refill(share);
            if (share.Tokens < 1)
            {
                return false;
            }

            share.Tokens--;
            return true;
        }
    }

    private Share Of(string projectId, string provider)
    {
        if (_shares.TryGetValue((projectId, provider), out var share))
        {
            return share;
        }

        if (_shares.Count >= MaxShares)
        {
            _shares.Clear();
        }

        return _shares.GetOrAdd((projectId, provider), new Share { Tokens = Min, At = time.GetTimestamp() });
    }

    private void Refill(Share share)
    {
        var now = time.GetTimestamp();
        if (share.Tokens < Min)
        {
            share.Tokens = Math.Min(Min, share.Tokens + (time.GetElapsedTime(share.At, now).TotalSeconds * PerSecond));
        }

        share.At = now;
    }

    private sealed class Share
    {
        public double Tokens { get; set; }

        public long At { get; set; }
    }
}
