using System.Collections.Concurrent;

namespace Cencori.Edge.Routing;

/// <summary>
/// How many requests may be sent once more after a provider has failed at them: a fifth of those of a project to that provider, and one a second. So a provider that
/// fails altogether gets hardly more requests than it would, and not several times as many.
/// </summary>
public sealed class RetryBudget(TimeProvider time)
{
    private const double PerRequest = 0.2;
    private const double PerSecond = 1;

    // About ten seconds of either.
    private const double Least = 10;
    private const double Most = 100;

    // Of projects and providers that the operator has made. More than that is a mistake, and is bounded all the same.
    private const int MaxShares = 100_000;

    private readonly ConcurrentDictionary<(string ProjectId, string Provider), Share> _shares = new();
    private readonly ConcurrentDictionary<string, long> _refused = new(StringComparer.Ordinal);

    /// <summary>How often there was nothing left of it, by provider.</summary>
    public IEnumerable<(string Provider, long Count)> Refused => _refused.Select(static one => (one.Key, one.Value));

    /// <summary>A request is sent for the first time.</summary>
    public void Deposit(string projectId, string provider)
    {
        var share = Of(projectId, provider);
        lock (share)
        {
            Refill(share);
            share.Left = Math.Min(Most, share.Left + PerRequest);
        }
    }

    /// <returns>False: it is used up.</returns>
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
            if (share.Left < 1)
            {
                return false;
            }

            share.Left--;
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

        return _shares.GetOrAdd((projectId, provider), new Share { Left = Least, At = time.GetTimestamp() });
    }

    private void Refill(Share share)
    {
        var now = time.GetTimestamp();
        if (share.Left < Least)
        {
            share.Left = Math.Min(Least, share.Left + (time.GetElapsedTime(share.At, now).TotalSeconds * PerSecond));
        }

        share.At = now;
    }

    private sealed class Share
    {
        public double Left { get; set; }

        public long At { get; set; }
    }
}
