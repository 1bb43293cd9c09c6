namespace Cencori.Edge.Verification;

/// <summary>What is known of a project's month, from everywhere, beside one another.</summary>
/// <param name="ProjectId">Whose.</param>
/// <param name="Month"><c>2026-11</c>.</param>
/// <param name="HasAllRecords">False: some are no longer kept, and only sums are compared.</param>
/// <param name="Notes">For people.</param>
/// <param name="Lines">One for each number.</param>
public sealed record LedgerSheet(string ProjectId, string Month, bool HasAllRecords, IReadOnlyList<string> Notes, IReadOnlyList<LedgerLine> Lines)
{
    /// <summary>All that can be compared agrees.</summary>
    public bool IsClosed => Lines.All(line => line.Difference is null or 0);
}

/// <summary>One number, and what it has to be.</summary>
/// <param name="Of"><c>project</c>, or the id of a key or an agent.</param>
/// <param name="Source">Who says so; one of <see cref="LedgerSource"/>.</param>
/// <param name="Unit"><c>usd</c>, <c>requests</c> (those that have succeeded), <c>input_tokens</c>, <c>output_tokens</c>.</param>
/// <param name="Value">Null: it is not held, and not compared.</param>
/// <param name="Expected">Null: there is nothing to compare it with.</param>
public sealed record LedgerLine(string Of, string Source, string Unit, decimal? Value, decimal? Expected = null)
{
    public const string Project = "project";
    public const string Usd = "usd";

    public decimal? Difference => Value - Expected;
}

/// <summary>Where a number comes from.</summary>
public static class LedgerSource
{
    /// <summary>The records of requests.</summary>
    public const string Records = "records";

    /// <summary>What is set aside for work that goes on.</summary>
    public const string PendingWork = "open_work";

    /// <summary>The hourly sums.</summary>
    public const string Rollups = "rollups";

    /// <summary>The monthly sums of keys.</summary>
    public const string KeySpend = "key_spend";

    /// <summary><c>/v1/metrics</c>.</summary>
    public const string Metrics = "metrics";

    /// <summary>The budget's counter at this edge.</summary>
    public const string Counter = "counter";

    /// <summary>The budget's counter of all edges.</summary>
    public const string Redis = "redis";

    /// <summary>What is set aside for requests that run.</summary>
    public const string InFlight = "in_flight";
}
