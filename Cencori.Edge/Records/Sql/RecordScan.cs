using System.Data.Common;

namespace Cencori.Edge.Records.Sql;

/// <summary>How much one scan of the records may read.</summary>
/// <param name="Rows">Approximate maximum number of records that the scan reads.</param>
/// <param name="Time">Time after which the scan stops before its next query.</param>
public sealed record RecordBudget(int Rows, TimeSpan Time)
{
    /// <summary>Limits for a dashboard page that a user waits for.</summary>
    public static RecordBudget Page { get; } = new(50_000, TimeSpan.FromMilliseconds(150));

    /// <summary>Limits for a request to the administration API.</summary>
    public static RecordBudget AdminApi { get; } = new(1_000_000, TimeSpan.FromMilliseconds(1_500));
}

/// <summary>
/// Reads records in the order of time, one query per piece of the time range, up to the limits of a budget. Without limits, a filter with few matches would
/// scan the whole table. Returns the time where the scan stopped. Not thread-safe.
/// </summary>
public sealed class RecordScan(DbConnection connection, RecordBudget budget)
{
    // Number of records in the first piece. Small: between the records of a small project, the table has many records of other projects, so each record of the
    // piece may need its own read from a slow disk.
    private const int FirstPiece = 1_000;
    private const int MaxAtOnce = 20_000;

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private int _rows;
    private int _checks;
    private int _piece = FirstPiece;

    /// <summary>Scans the given time ranges. Null: scans all times.</summary>
    public Task<long?> RunAsync(RecordQuery query, IEnumerable<(long From, long Before)>? ranges, Func<RecordQuery, Task<bool>> read, CancellationToken cancellation) =>
        RunAsync(query, (ranges ?? [(0, long.MaxValue)]).ToAsyncEnumerable(), read, cancellation);

    /// <param name="query">The query.</param>
    /// <param name="ranges">Time ranges in milliseconds since 1970, in the order to scan. The scan checks its budget before empty ranges too.</param>
    /// <param name="read">Called with the query of each piece. Returns false when the caller has enough records.</param>
    /// <param name="cancellation">Cancels the scan.</param>
    /// <returns>The time that the scan has reached, in the direction of the query. Null: everything is read, or the caller has enough records.</returns>
    public async Task<long?> RunAsync(
        RecordQuery query, IAsyncEnumerable<(long From, long Before)> ranges, Func<RecordQuery, Task<bool>> read, CancellationToken cancellation)
    {
        await foreach (var (from, before) in ranges.WithCancellation(cancellation))
        {
            var (first, end) = (from, before);
            do
            {
                if (_checks++ > 0 && (_rows >= budget.Rows || TimeProvider.System.GetElapsedTime(_began) >= budget.Time))
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
                    // The piece includes all records that began in the millisecond of the boundary, because the next piece does not include this millisecond.
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

            // Chooses the size of the next piece by the speed so far.
            var pace = _rows / Math.Max(0.1, TimeProvider.System.GetElapsedTime(_began).TotalMilliseconds);
            _piece = (int)Math.Clamp(pace * budget.Time.TotalMilliseconds / 4, FirstPiece, MaxAtOnce);
        }

        return boundary;
    }
}
