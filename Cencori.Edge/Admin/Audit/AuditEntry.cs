namespace Cencori.Edge.Admin.Audit;

/// <summary>What is to be noted. Each part as <see cref="Storage.AuditRecord"/> has it.</summary>
public sealed record AuditEntry(string Action, string? ProjectId, string Object)
{
    public const string Done = "done";
    public const string Refused = "refused";

    public string? Before { get; init; }

    public string? After { get; init; }

    public string Result { get; init; } = Done;
}
