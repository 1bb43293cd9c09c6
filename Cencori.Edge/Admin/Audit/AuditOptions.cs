namespace Cencori.Edge.Admin.Audit;

/// <summary>Section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Days for which rows are kept. Default 400.</summary>
    public int RetentionDays { get; set; } = 400;
}
