namespace Cencori.Edge.Admin.Audit;

/// <summary>Settings of the section <c>Audit</c> in the configuration.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Number of days for which audit rows are kept. Default 400.</summary>
    public int RetentionDays { get; set; } = 400;
}
