using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>The playground.</summary>
public sealed record PlaygroundModel
{
    public required PlaygroundInput Input { get; init; }

    public required ModelChoice Choice { get; init; }

    /// <summary>Null: nothing was sent yet.</summary>
    public PlaygroundResponse? Response { get; init; }

    /// <summary>The refused form; otherwise empty.</summary>
    public FormState State { get; init; } = FormState.Empty;

    /// <summary>Which parts of a logged request could not be loaded; null: all were.</summary>
    public string? Note { get; init; }
}
