using System.Data.Common;

namespace Cencori.Edge.Records.Sql;

/// <summary>Limits of one scan.</summary>
/// <param name="Rows">Approximate number of records.</param>
/// <param name="Time">After this time, no further piece is read.</param>
public sealed record RecordBudget(int Rows, TimeSpan Time)
{
    /// <summary>For a page that a user waits for.</summary>
    public static RecordBudget Page { get; } = new(50_000, TimeSpan.FromMilliseconds(150));

    /// <summary>For a request to the administration API.</summary>
    public static RecordBudget Program { get; } = new(1_000_000, TimeSpan.FromMilliseconds(1_500));
}

/// <summary>
/// Reads records in the order of time, in pieces, so that a filter with few matches does not scan the whole table: the scan stops at its limits and
/// returns where. Not thread-safe.
/// </summary>
public sealed class RecordScan(DbConnection connection, RecordBudget budget)
{
    // Small at first: records of a small project may each lie on another page, on a slow disk.
    private const int FirstPiece = 1_000;
    private const int MaxAtOnce = 20_000;

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private int _rows;
    private int _looks;
    private int _piece = FirstPiece;

    /// <summary>As the other overload, with ranges that are known beforehand. Null: any time.</summary>
    public Task<long?> RunAsync(RecordQuery query, IEnumerable<(long From, long Before)>? ranges, Func<RecordQuery, Task<bool>> read, CancellationToken cancellation) =>
        RunAsync(query, (ranges ?? [(0, long.MaxValue)]).ToAsyncEnumerable(), read, cancellation);

    /// <param name="query">The query.</param>
    /// <param name="ranges">Time ranges in milliseconds since 1970, in the order to scan. An empty range is not read, but counts as a step for the time limit.</param>
    /// <param name="read">Called with the query of each piece. False: the caller has enough.</param>
    /// <param name="cancellation">Cancels the scan.</param>
    /// <returns>The time from which on nothing was read, in the direction of the query. Null: everything was read, or the caller had enough.</returns>
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
                    // Records with the same time must be in the same piece.
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

            // Sizes the next piece by the speed so far.
            var pace = _rows / Math.Max(0.1, TimeProvider.System.GetElapsedTime(_began).TotalMilliseconds);
            _piece = (int)Math.Clamp(pace * budget.Time.TotalMilliseconds / 4, FirstPiece, MaxAtOnce);
        }

        return boundary;
    }
}
