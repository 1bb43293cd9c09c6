namespace Cencori.Edge.Records;

/// <summary>Settings for usage records. Section <c>Usage</c>.</summary>
public sealed class UsageOptions
{
    public const string Section = "Usage";

    /// <summary>
    /// Whether responses are metered and requests recorded. Default true. If false, <c>/v1/metrics</c> is empty, and budgets and token limits count
    /// the reserved amounts. Meant for measuring the cost of metering.
    /// </summary>
    public bool Metering { get; set; } = true;

    /// <summary>Which records are lost when the process is killed. Default <see cref="RecordDurability.Second"/>.</summary>
    public RecordDurability Durability { get; set; }

    /// <summary>
    /// Largest spool, the file that keeps records while the database is away. Beyond it, records are dropped and counted. In bytes, default 256 MiB,
    /// which is about a million requests.
    /// </summary>
    public long MaxSpoolBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How long request records are kept. In days, default 30.</summary>
    public int RecordRetentionDays { get; set; } = 30;

    /// <summary>How long payloads are kept, for projects that log them; never longer than the records. In days, default 7.</summary>
    public int PayloadRetentionDays { get; set; } = 7;

    /// <summary>How long hourly roll-ups are kept. In months, default 13.</summary>
    public int RollupRetentionMonths { get; set; } = 13;
}

/// <summary>When a request's record is written to the database or the spool.</summary>
public enum RecordDurability
{
    /// <summary>Within a second after the end of the request.</summary>
    Second,

    /// <summary>Before the end of the response is sent, which waits for the write. Concurrent responses share a transaction.</summary>
    Answer,
}
