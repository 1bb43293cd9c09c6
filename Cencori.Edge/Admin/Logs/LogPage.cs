using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Limit of the work for one response.</summary>
/// <param name="Rows">Approximate number of records to examine.</param>
/// <param name="Time">Time after which no new read starts.</param>
public sealed record LogBudget(int Rows, TimeSpan Time)
{
    /// <summary>Limit for a page that a person waits for.</summary>
    public static LogBudget Page { get; } = new(RecordBudget.Page.Rows, RecordBudget.Page.Time);

    /// <summary>Limit for an API client.</summary>
    public static LogBudget Api { get; } = new(RecordBudget.Program.Rows, RecordBudget.Program.Time);

    internal RecordBudget Records => new(Rows, Time);
}

/// <summary>A page of records that match a filter.</summary>
/// <param name="Rows">Newest first.</param>
/// <param name="Older">Cursor of the next page; null: nothing older.</param>
/// <param name="Newer">Cursor of the previous page; null: nothing newer when it was read.</param>
/// <param name="SearchedBackTo">How far back the search went if it reached its limit; there may be older matches. Null: no limit was reached.</param>
/// <param name="AsOf">Time of the read.</param>
public sealed record LogPage(IReadOnlyList<StoredRecord> Rows, LogCursor? Older, LogCursor? Newer, DateTimeOffset? SearchedBackTo, DateTimeOffset AsOf);

/// <summary>Number of rows that match a filter.</summary>
/// <param name="Count">At most 10,000.</param>
/// <param name="IsMore">True: there are, or may be, more.</param>
public readonly record struct LogCount(long Count, bool IsMore);

/// <summary>Requests of a period, including those without a row.</summary>
/// <param name="Start">Start of the period.</param>
/// <param name="Requests">Requests that match the filter.</param>
/// <param name="Errors">Errors among them, including requests that limits refused.</param>
public readonly record struct LogBar(DateTimeOffset Start, long Requests, long Errors);

/// <summary>Result of a search for one request.</summary>
/// <param name="Record">Null: not found.</param>
/// <param name="Older">Where to continue; null: everything was examined.</param>
/// <param name="SearchedBackTo">How far back the search went if it reached its limit.</param>
public sealed record LogFound(RequestRecord? Record, LogCursor? Older, DateTimeOffset? SearchedBackTo);

/// <summary>Records that have arrived since the last call.</summary>
/// <param name="Rows">In order of arrival; each record appears once.</param>
/// <param name="After">Value for the next call.</param>
/// <param name="More">Number of further arrivals that are not returned.</param>
/// <param name="AsOf">Time of the read.</param>
public sealed record LogArrivals(IReadOnlyList<StoredRecord> Rows, string After, long More, DateTimeOffset AsOf);
