using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Estimates how the sums of a part of a period split among cells: in proportion to each cell's sums of the whole period. The shares add up exactly. Not thread-safe.
/// </summary>
/// <param name="all">The sums of all cells in the whole period.</param>
/// <param name="part">The sums of the part, to divide.</param>
internal sealed class UsageShares(UsageSums all, UsageSums part)
{
    private static readonly (Func<UsageSums, long> Get, Action<UsageSums, long> Set)[] Counters =
    [
        (static sums => sums.Success, static (sums, count) => sums.Success = count),
        (static sums => sums.Errors, static (sums, count) => sums.Errors = count),
        (static sums => sums.Filtered, static (sums, count) => sums.Filtered = count),
        (static sums => sums.RateLimited, static (sums, count) => sums.RateLimited = count),
        (static sums => sums.Cancelled, static (sums, count) => sums.Cancelled = count),
        (static sums => sums.PromptTokens, static (sums, count) => sums.PromptTokens = count),
        (static sums => sums.CachedTokens, static (sums, count) => sums.CachedTokens = count),
        (static sums => sums.CompletionTokens, static (sums, count) => sums.CompletionTokens = count),
        (static sums => sums.Picodollars, static (sums, count) => sums.Picodollars = count),
        (static sums => sums.Unpriced, static (sums, count) => sums.Unpriced = count),
        (static sums => sums.LatencyMicroseconds, static (sums, count) => sums.LatencyMicroseconds = count),
    ];

    private readonly long[] _seen = new long[Counters.Length];
    private readonly long[] _distributed = new long[Counters.Length];

    public UsageSums Of(UsageSums cell)
    {
        var share = new UsageSums();
        for (var index = 0; index < Counters.Length; index++)
        {
            var (get, set) = Counters[index];
            _seen[index] += get(cell);
            var given = get(all) == 0 ? 0 : (long)Math.Round((decimal)_seen[index] / get(all) * get(part));
            set(share, given - _distributed[index]);
            _distributed[index] = given;
        }

        var successes = all.Success == 0 ? 0 : Math.Min(1, (double)part.Success / all.Success);
        share.Latencies.Add(cell.Latencies, successes);
        share.FirstBytes.Add(cell.FirstBytes, successes);
        return share;
    }
}
