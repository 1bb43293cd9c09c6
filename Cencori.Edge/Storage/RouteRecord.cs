namespace Cencori.Edge.Storage;

/// <summary>A route of a project: a model name of its own, and the targets for its requests.</summary>
public sealed class RouteRecord
{
    public required string ProjectId { get; init; }

    /// <summary>As callers write it in <c>model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its groups, rules and other settings, as JSON.</summary>
    public required string Document { get; set; }

    public required DateTimeOffset UpdatedAt { get; set; }
}
