using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Everything that the playground page shows.</summary>
public sealed record PlaygroundModel
{
    public required PlaygroundInput Input { get; init; }

    public required ModelChoice Choice { get; init; }

    /// <summary>The response. Null: no request was sent yet.</summary>
    public PlaygroundResponse? Response { get; init; }

    /// <summary>The state of a refused form; empty: the form was not refused.</summary>
    public FormState State { get; init; } = FormState.Empty;

    /// <summary>Which parts of a logged request could not be loaded; null: all parts were loaded.</summary>
    public string? Note { get; init; }
}
