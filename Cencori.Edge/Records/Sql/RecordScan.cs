using System.Data.Common;

namespace Cencori.Edge.Records.Sql;

/// <summary>How much may be looked at for one response.</summary>
/// <param name="Rows">Records, about.</param>
/// <param name="Time">After which nothing new is begun.</param>
public sealed record RecordBudget(int Rows, TimeSpan Time)
{
    /// <summary>Of a page that somebody waits for.</summary>
    public static RecordBudget Page { get; } = new(50_000, TimeSpan.FromMilliseconds(150));

    /// <summary>Of a program that asks.</summary>
    public static RecordBudget Program { get; } = new(1_000_000, TimeSpan.FromMilliseconds(1_500));
}

/// <summary>
/// Goes through records in the order of time, a piece at a time, so that a filter that hardly any passes cannot walk through all of them:
/// it stops when it has looked at enough, and tells where. Not thread-safe.
/// </summary>
public sealed class RecordScan(DbConnection connection, RecordBudget budget)
{
    // Of a project that has few of many, each record may lie in a page of its own, on a disk that is asleep.
    private const int FirstPiece = 1_000;
    private const int MaxAtOnce = 20_000;

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private int _rows;
    private int _looks;
    private int _piece = FirstPiece;

    /// <summary>As the other, of ranges that are known beforehand; null: of any time.</summary>
    public Task<long?> RunAsync(RecordQuery query, IEnumerable<(long From, long Before)>? ranges, Func<RecordQuery, Task<bool>> read, CancellationToken cancellation) =>
        RunAsync(query, (ranges ?? [(0, long.MaxValue)]).ToAsyncEnumerable(), read, cancellation);

    /// <param name="query">What is asked for.</param>
    /// <param name="ranges">When, in milliseconds since 1970, in the order in which they are to be looked at. Of one without length there is nothing to look at, but finding that has taken time.</param>
    /// <param name="read">Is given the query of one piece after the other; false: it has enough.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The time from which on nothing was looked at, in the direction of the query; null: everything was, or nobody wanted more.</returns>
    public async Task<long?> RunAsync(
        RecordQuery query, IAsyncEnumerable<(long From, long Before)> ranges, Func<RecordQuery, Task<bool>> read, CancellationToken cancellation)
    {
        await foreach (var (from, before) in ranges.WithCancellation(cancellation))
        {
            var (first, end) = (from, before);
            do
            {
                if (_looks++ > 0 && (_rows >= budget.Rows || TimeProvider.System.GetElapsedTime(_began) >= budget.Time))
                {
                    return query.IsOldestFirst ? first : end;
                }

                if (first == end)
                {
                    break;
                }

                var piece = query.Copy();
                piece.From(first);
                piece.Before(end);
                if (await BoundaryAsync(piece, cancellation) is { } boundary)
                {
                    // All of one moment belong together.
                    (first, end) = query.IsOldestFirst ? (boundary + 1, end) : (first, boundary);
                    if (query.IsOldestFirst)
                    {
                        piece.Before(first);
                    }
                    else
                    {
                        piece.From(end);
                    }
                }
                else
                {
                    first = end;
                }

                if (!await read(piece))
                {
                    return null;
                }
            }
            while (first < end);
        }

        return null;
    }

    private async Task<long?> BoundaryAsync(RecordQuery query, CancellationToken cancellation)
    {
        await using var command = query.ToBoundary(connection, _piece);
        var boundary = await command.ExecuteScalarAsync(cancellation) as long?;
        if (boundary is not null)
        {
            _rows += _piece;

            // As many as there is time for, by how long these have taken.
            var pace = _rows / Math.Max(0.1, TimeProvider.System.GetElapsedTime(_began).TotalMilliseconds);
            _piece = (int)Math.Clamp(pace * budget.Time.TotalMilliseconds / 4, FirstPiece, MaxAtOnce);
        }

        return boundary;
    }
}
