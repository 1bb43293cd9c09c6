using System.Data.Common;
using System.Runtime.CompilerServices;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// Finds, in the tables of sums, the hours in which there is anything that a filter lets through, so that a search for what is rare need
/// not go through the others. It looks ahead in steps that grow: what is common is found soon, and nobody asks about the rest.
/// </summary>
internal sealed class LogHours(DbConnection connection, string projectId, LogFilter filter)
{
    private const long Length = 3_600_000;

    // In hours. Where no end is asked for, the first day is still to come.
    private const int FirstStep = 48;
    private const int Growth = 4;

    private readonly LogSums _sums = new(connection, projectId, filter);

    /// <param name="from">The first moment that matters, in milliseconds since 1970.</param>
    /// <param name="before">The first that does not.</param>
    /// <param name="known">The hour from which on there are sums of everything.</param>
    /// <param name="isOldestFirst">In which order they are wanted.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Stretches of time; one without length says that up to there was nothing more.</returns>
    public async IAsyncEnumerable<(long From, long Before)> FindAsync(
        long from, long before, long known, bool isOldestFirst, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!_sums.CanTell)
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

    // Days tell first which of them are worth a look.
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
