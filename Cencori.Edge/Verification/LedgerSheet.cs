namespace Cencori.Edge.Verification;

/// <summary>Result of a <see cref="LedgerCheck"/>: all numbers of a project's month, from every source.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="Month">The month, such as <c>2026-11</c>.</param>
/// <param name="HasAllRecords">False: some records of the month were deleted, so only sums are compared.</param>
/// <param name="Notes">Sentences for people about what was not compared.</param>
/// <param name="Lines">One line per number and source.</param>
public sealed record LedgerSheet(string ProjectId, string Month, bool HasAllRecords, IReadOnlyList<string> Notes, IReadOnlyList<LedgerLine> Lines)
{
    /// <summary>True: all numbers that can be compared agree.</summary>
    public bool IsClosed => Lines.All(line => line.Difference is null or 0);
}

/// <summary>One number and its expected value.</summary>
/// <param name="Of">What the number counts: <c>project</c>, or the id of a key or an agent.</param>
/// <param name="Source">Where the number comes from; one of <see cref="LedgerSource"/>.</param>
/// <param name="Unit"><c>usd</c>, <c>requests</c> (successful ones), <c>input_tokens</c>, <c>output_tokens</c>.</param>
/// <param name="Value">The number. Null: this source does not hold the number, so nothing is compared.</param>
/// <param name="Expected">The number that <paramref name="Value"/> must equal. Null: there is nothing to compare with.</param>
public sealed record LedgerLine(string Of, string Source, string Unit, decimal? Value, decimal? Expected = null)
{
    public const string Project = "project";
    public const string Usd = "usd";

    public decimal? Difference => Value - Expected;
}

/// <summary>Names of the sources of numbers in <see cref="LedgerLine.Source"/>.</summary>
public static class LedgerSource
{
    /// <summary>The records of requests.</summary>
    public const string Records = "records";

    /// <summary>Reservations of work that still runs, such as batches.</summary>
    public const string PendingWork = "open_work";

    /// <summary>The hourly sums.</summary>
    public const string Rollups = "rollups";

    /// <summary>The monthly sums of keys.</summary>
    public const string KeySpend = "key_spend";

    /// <summary>The response of <c>/v1/metrics</c>.</summary>
    public const string Metrics = "metrics";

    /// <summary>The budget's counter on this edge.</summary>
    public const string Counter = "counter";

    /// <summary>The budget's counter shared by all edges.</summary>
    public const string Redis = "redis";

    /// <summary>Reservations of requests in flight.</summary>
    public const string InFlight = "in_flight";
}
