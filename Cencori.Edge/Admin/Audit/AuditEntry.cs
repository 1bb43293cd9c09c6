namespace Cencori.Edge.Admin.Audit;

/// <summary>An entry to add to the audit log. See <see cref="Storage.AuditRecord"/> for the members.</summary>
public sealed record AuditEntry(string Action, string? ProjectId, string ObjectId)
{
    public const string Done = "done";
    public const string Refused = "refused";

    public string? Before { get; init; }

    public string? After { get; init; }

    public string Result { get; init; } = Done;
}
