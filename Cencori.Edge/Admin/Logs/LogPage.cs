using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>How much may be looked at for one response.</summary>
/// <param name="Rows">Records, about.</param>
/// <param name="Time">After which nothing new is begun.</param>
public sealed record LogBudget(int Rows, TimeSpan Time)
{
    /// <summary>Of a page that somebody waits for.</summary>
    public static LogBudget Page { get; } = new(RecordBudget.Page.Rows, RecordBudget.Page.Time);

    /// <summary>Of a program that asks.</summary>
    public static LogBudget Api { get; } = new(RecordBudget.Program.Rows, RecordBudget.Program.Time);

    internal RecordBudget Records => new(Rows, Time);
}

/// <summary>Some of what a filter finds.</summary>
/// <param name="Rows">The newest first.</param>
/// <param name="Older">Where the next page begins; null: there is nothing older.</param>
/// <param name="Newer">Where the page before this one ends; null: there is nothing newer, as far as anybody knew.</param>
/// <param name="SearchedBackTo">How far was looked, where there was more to look at than may be for one response; there may be rows behind it.</param>
/// <param name="AsOf">When it was read.</param>
public sealed record LogPage(IReadOnlyList<StoredRecord> Rows, LogCursor? Older, LogCursor? Newer, DateTimeOffset? SearchedBackTo, DateTimeOffset AsOf);

/// <summary>How many rows a filter finds.</summary>
/// <param name="Count">At most 10,000.</param>
/// <param name="IsMore">There are more, or may be.</param>
public readonly record struct LogCount(long Count, bool IsMore);

/// <summary>Requests of a stretch of time, also those that have no row.</summary>
/// <param name="Start">Of it.</param>
/// <param name="Requests">That the filter finds.</param>
/// <param name="Errors">Of them; those that limits refused are among them.</param>
public readonly record struct LogBar(DateTimeOffset Start, long Requests, long Errors);

/// <summary>A search for one request.</summary>
/// <param name="Record">Null: it was not found.</param>
/// <param name="Older">From where to go on; null: all was looked at.</param>
/// <param name="SearchedBackTo">How far was looked, where that is not all.</param>
public sealed record LogFound(RequestRecord? Record, LogCursor? Older, DateTimeOffset? SearchedBackTo);

/// <summary>What has arrived since somebody looked.</summary>
/// <param name="Rows">In the order in which they arrived, each told once.</param>
/// <param name="After">With what to ask next.</param>
/// <param name="More">Others that have arrived, and are too many to be told.</param>
/// <param name="AsOf">When it was read.</param>
public sealed record LogArrivals(IReadOnlyList<StoredRecord> Rows, string After, long More, DateTimeOffset AsOf);
