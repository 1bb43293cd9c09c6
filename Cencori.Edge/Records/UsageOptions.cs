namespace Cencori.Edge.Records;

/// <summary>How usage is kept. Section <c>Usage</c>.</summary>
public sealed class UsageOptions
{
    public const string Section = "Usage";

    /// <summary>
    /// Whether answers are metered and requests recorded; default true. Without it there is nothing at <c>/v1/metrics</c>, budgets
    /// count what requests reserved, and so do token limits. It is for measuring what metering costs.
    /// </summary>
    public bool Metering { get; set; } = true;

    /// <summary>What of the records is lost with a process that is killed. Default <see cref="RecordDurability.Second"/>.</summary>
    public RecordDurability Durability { get; set; }

    /// <summary>
    /// How large the file may become that keeps records while the database is away; beyond it they are dropped and counted. In bytes,
    /// default 256 MiB, which is about a million requests.
    /// </summary>
    public long MaxSpoolBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>For how long a request's record is kept. In days, default 30.</summary>
    public int RecordRetentionDays { get; set; } = 30;

    /// <summary>For how long is kept what was said in the requests of a project that has switched that on; no longer than their records. In days, default 7.</summary>
    public int PayloadRetentionDays { get; set; } = 7;

    /// <summary>For how long the hourly sums are kept. In months, default 13.</summary>
    public int RollupRetentionMonths { get; set; } = 13;
}

/// <summary>When a request's record is written down, in the database or in the spool.</summary>
public enum RecordDurability
{
    /// <summary>Within a second after the request's end.</summary>
    Second,

    /// <summary>Before the caller has the end of the response, which waits for it. Answers that end together share a transaction.</summary>
    Answer,
}
