using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Limits the work of a search for one response.</summary>
/// <param name="Rows">Approximate maximum number of records to examine.</param>
/// <param name="Time">Time after which no new read starts.</param>
public sealed record LogBudget(int Rows, TimeSpan Time)
{
    /// <summary>The limits for a dashboard page, for which a person waits.</summary>
    public static LogBudget Page { get; } = new(RecordBudget.Page.Rows, RecordBudget.Page.Time);

    /// <summary>The limits for a request of an API client.</summary>
    public static LogBudget Api { get; } = new(RecordBudget.AdminApi.Rows, RecordBudget.AdminApi.Time);

    internal RecordBudget Records => new(Rows, Time);
}

/// <summary>A page of records that match a filter.</summary>
/// <param name="Rows">Records, newest first.</param>
/// <param name="Older">Cursor of the page with older records. Null: there are no older records.</param>
/// <param name="Newer">Cursor of the page with newer records. Null: there were no newer records at the time of the read.</param>
/// <param name="SearchedBackTo">If the search reached its limit: the time back to which it has searched; there may be older matches. Null: the limit was not reached.</param>
/// <param name="AsOf">Time of the read.</param>
public sealed record LogPage(IReadOnlyList<StoredRecord> Rows, LogCursor? Older, LogCursor? Newer, DateTimeOffset? SearchedBackTo, DateTimeOffset AsOf);

/// <summary>Number of rows that match a filter.</summary>
/// <param name="Count">Number of matching records that were counted, at most 10,000.</param>
/// <param name="IsMore">True: there are, or may be, more matching records.</param>
public readonly record struct LogCount(long Count, bool IsMore);

/// <summary>Number of requests in a period, for a bar of a chart. Includes requests whose record is not stored.</summary>
/// <param name="Start">Start of the period.</param>
/// <param name="Requests">Number of requests that match the filter.</param>
/// <param name="Errors">Number of errors among them, including requests that rate limits refused.</param>
public readonly record struct LogBar(DateTimeOffset Start, long Requests, long Errors);

/// <summary>Result of a search for one request.</summary>
/// <param name="Record">The record. Null: not found.</param>
/// <param name="Older">Cursor from which to continue the search. Null: all records were examined.</param>
/// <param name="SearchedBackTo">If the search reached its limit: the time back to which it has searched. Null: the limit was not reached.</param>
public sealed record LogFound(RequestRecord? Record, LogCursor? Older, DateTimeOffset? SearchedBackTo);

/// <summary>Records that have arrived since the last call.</summary>
/// <param name="Rows">Records in order of arrival. Each record appears once.</param>
/// <param name="After">Position to pass to the next call.</param>
/// <param name="More">Number of further new records that are not returned.</param>
/// <param name="AsOf">Time of the read.</param>
public sealed record LogArrivals(IReadOnlyList<StoredRecord> Rows, string After, long More, DateTimeOffset AsOf);
