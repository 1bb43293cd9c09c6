using System.Data.Common;
using System.Runtime.CompilerServices;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// Finds the hours with possible matches in the roll-up tables, so that a search for rare records skips the other hours. Looks ahead in
/// growing steps: a search with frequent matches ends soon, without reading the roll-ups of further hours.
/// </summary>
internal sealed class LogHours(DbConnection connection, string projectId, LogFilter filter)
{
    private const long Length = 3_600_000;

    // Length of the first step, in hours. The search may start one day in the future, so the first step covers two days.
    private const int FirstStep = 48;
    private const int Growth = 4;

    private readonly LogSums _sums = new(connection, projectId, filter);

    /// <param name="from">Start in milliseconds since 1970, inclusive.</param>
    /// <param name="before">End in milliseconds since 1970, exclusive.</param>
    /// <param name="known">First hour for which the roll-ups are complete.</param>
    /// <param name="isOldestFirst">True: the search runs from the oldest to the newest record.</param>
    /// <param name="cancellation">Cancels the search.</param>
    /// <returns>Time ranges to search. An empty range contains no records; it lets the caller check its time limit.</returns>
    public async IAsyncEnumerable<(long From, long Before)> FindAsync(
        long from, long before, long known, bool isOldestFirst, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!_sums.HasData)
        {
            yield return (from, before);
            yield break;
        }

        var (first, last) = (Math.Max(known, from / Length), (before - 1) / Length);
        var isUnknown = from < first * Length;
        (long From, long Before) unknown = (from, Math.Min(before, first * Length));
        if (isUnknown && isOldestFirst)
        {
            yield return unknown;
        }

        for (long step = FirstStep; first <= last; step *= Growth)
        {
            var (begin, end) = isOldestFirst ? (first, Math.Min(last, first + step - 1)) : (Math.Max(first, last - step + 1), last);
            (first, last) = isOldestFirst ? (end + 1, last) : (first, begin - 1);
            var runs = await RunsAsync(begin, end, cancellation);
            foreach (var (start, stop) in isOldestFirst ? runs : Enumerable.Reverse(runs))
            {
                yield return (Math.Max(from, start * Length), Math.Min(before, (stop + 1) * Length));
            }

            if (first <= last)
            {
                var edge = isOldestFirst ? (end + 1) * Length : begin * Length;
                yield return (edge, edge);
            }
        }

        if (isUnknown && !isOldestFirst)
        {
            yield return unknown;
        }
    }

    // Reads the daily roll-ups first, so that only days with possible matches are examined hour by hour.
    private async Task<List<(long First, long Last)>> RunsAsync(long first, long last, CancellationToken cancellation)
    {
        var candidates = new List<(long First, long Last)>();
        foreach (var span in await UsageSpan.SplitAsync(connection, projectId, RollupTable.Hours, first, last, cancellation))
        {
            candidates.AddRange(!span.Table.IsOfDays ? [(span.First, span.Last)] : UsageSpan.Runs(await _sums.FindAsync(isOfDays: true, span.First, span.Last, cancellation))
                .Select(days => (days.First * RollupKey.HoursOfDay, (days.Last * RollupKey.HoursOfDay) + RollupKey.HoursOfDay - 1)));
        }

        var hours = new List<long>();
        foreach (var (begin, end) in candidates)
        {
            hours.AddRange(await _sums.FindAsync(isOfDays: false, begin, end, cancellation));
        }

        return [.. UsageSpan.Runs(hours)];
    }
}
