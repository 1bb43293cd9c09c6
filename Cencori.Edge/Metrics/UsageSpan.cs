using System.Data.Common;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Metrics;

/// <summary>Consecutive periods of a roll-up table.</summary>
/// <param name="Table">The table.</param>
/// <param name="First">The first period, numbered as in <see cref="RollupKey"/>.</param>
/// <param name="Last">The last period.</param>
internal readonly record struct UsageSpan(RollupTable Table, long First, long Last)
{
    /// <summary>Converts a period to its hour: for a table of days, the first hour of the day.</summary>
    public long HourOf(long period) => Table.IsOfDays ? period * RollupKey.HoursOfDay : period;

    /// <summary>Splits a range of hours into spans. Days that are summed up in the table of days are read from there, so that a month or a year is a small read.</summary>
    /// <returns>The spans, oldest first.</returns>
    public static async Task<List<UsageSpan>> SplitAsync(
        DbConnection connection, string projectId, RollupTable table, long first, long last, CancellationToken cancellation)
    {
        var spans = new List<UsageSpan>();
        if (table.ByDay is { } days)
        {
            foreach (var (from, to) in Runs(await KnownAsync(connection, projectId, first, last, cancellation)))
            {
                if (first < from * RollupKey.HoursOfDay)
                {
                    spans.Add(new(table, first, (from * RollupKey.HoursOfDay) - 1));
                }

                spans.Add(new(days, from, to));
                first = (to + 1) * RollupKey.HoursOfDay;
            }
        }

        if (first <= last)
        {
            spans.Add(new(table, first, last));
        }

        return spans;
    }

    /// <summary>Returns an SQL query over all spans for columns that their tables have in common.</summary>
    public static string Rows(IEnumerable<UsageSpan> spans, string columns, string where) =>
        string.Join(" UNION ALL ", spans.Select(span => $"SELECT {columns} FROM {span.Table.Name} WHERE {where} AND {span.Table.Period} BETWEEN {span.First} AND {span.Last}"));

    /// <summary>Combines ordered numbers to runs of consecutive numbers, each as its first and last number.</summary>
    public static IEnumerable<(long First, long Last)> Runs(IEnumerable<long> ordered)
    {
        (long First, long Last)? run = null;
        foreach (var number in ordered)
        {
            if (run is var (first, last) && number == last + 1)
            {
                run = (first, number);
                continue;
            }

            if (run is { } ended)
            {
                yield return ended;
            }

            run = (number, number);
        }

        if (run is { } open)
        {
            yield return open;
        }
    }

    private static async Task<List<long>> KnownAsync(DbConnection connection, string projectId, long first, long last, CancellationToken cancellation)
    {
        var known = new List<long>();
        var (from, to) = ((first + RollupKey.HoursOfDay - 1) / RollupKey.HoursOfDay, last == long.MaxValue ? long.MaxValue : ((last + 1) / RollupKey.HoursOfDay) - 1);
        if (from > to)
        {
            return known;
        }

        var table = RollupTable.Days;
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT DISTINCT {table.Period} FROM {table.Name} WHERE {new UsageScope(projectId, null).OfSums(table, command)} AND {table.Period} BETWEEN @first AND @last ORDER BY {table.Period}";
        command.Add("first", from);
        command.Add("last", to);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            known.Add(reader.GetInt64(0));
        }

        return known;
    }
}
