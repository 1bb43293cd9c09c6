using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

public sealed record LogBudget(int Rows, TimeSpan Time)
{
    public static LogBudget Page { get; } = new(50_000, TimeSpan.FromMilliseconds(150));

    public static LogBudget Api { get; } = new(1_000_000, TimeSpan.FromSeconds(2));
}

public sealed record LogPage(IReadOnlyList<StoredRecord> Rows, LogCursor? Older, LogCursor? Newer, DateTimeOffset? SearchedBackTo, DateTimeOffset AsOf);

public readonly record struct LogCount(long Count, bool IsMore);

public readonly record struct LogBar(DateTimeOffset Start, long Requests, long Errors);

public sealed record LogFound(RequestRecord? Record, LogCursor? Older, DateTimeOffset? SearchedBackTo);

public sealed record LogNews(IReadOnlyList<StoredRecord> Rows, long After, long More, DateTimeOffset AsOf);
