namespace Cencori.Edge.Records;

/// <summary>Settings for usage records. Section <c>Usage</c>.</summary>
public sealed class UsageOptions
{
    public const string Section = "Usage";

    /// <summary>
    /// Whether the edge measures the usage of responses and records requests. Default true. If false, <c>/v1/metrics</c> is empty, and budgets and token limits
    /// count the reserved amounts. Set it to false only to measure the cost of metering.
    /// </summary>
    public bool Metering { get; set; } = true;

    /// <summary>Which records a killed process may lose. Default <see cref="RecordDurability.Second"/>.</summary>
    public RecordDurability Durability { get; set; }

    /// <summary>
    /// Largest size, in bytes, of the spool: the file that keeps records while the database cannot be reached. When the spool is full, records are dropped and
    /// counted. Default 256 MiB, which is about a million requests.
    /// </summary>
    public long MaxSpoolBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How many days request records are kept. Default 30.</summary>
    public int RecordRetentionDays { get; set; } = 30;

    /// <summary>How many days payloads are kept, in projects that log them. Never longer than the records. Default 7.</summary>
    public int PayloadRetentionDays { get; set; } = 7;

    /// <summary>How many months hourly roll-ups are kept. Default 13.</summary>
    public int RollupRetentionMonths { get; set; } = 13;
}

/// <summary>When a request's record is written to the database or the spool.</summary>
public enum RecordDurability
{
    /// <summary>Within about a second after the end of the request. A killed process loses the records that are not written yet.</summary>
    Second,

    /// <summary>Before the end of the response is sent: the response waits for the write. Concurrent responses share a transaction.</summary>
    Answer,
}
