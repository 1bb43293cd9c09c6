namespace Cencori.Edge.Storage;

/// <summary>A route of a project: a model's name of its own, and whom requests for it go to.</summary>
public sealed class RouteRecord
{
    public required string ProjectId { get; init; }

    /// <summary>As callers write it in <c>model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its groups, rules and the rest: JSON, as people write it.</summary>
    public required string Document { get; set; }

    public required DateTimeOffset UpdatedAt { get; set; }
}
