using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>The playground.</summary>
public sealed record PlaygroundModel
{
    public required PlaygroundInput Input { get; init; }

    public required ModelChoice Choice { get; init; }

    /// <summary>Null: nothing was sent.</summary>
    public PlaygroundResponse? Response { get; init; }

    /// <summary>The form, where it was refused.</summary>
    public FormState State { get; init; } = FormState.Empty;

    /// <summary>What could not be taken over of a request of the logs; null: nothing.</summary>
    public string? Note { get; init; }
}
