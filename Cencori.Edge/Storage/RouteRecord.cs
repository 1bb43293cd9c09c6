namespace Cencori.Edge.Storage;

/// <summary>A route of a project: a model name that the project defines, and the targets for requests with that name.</summary>
public sealed class RouteRecord
{
    public required string ProjectId { get; init; }

    /// <summary>The model name that callers send in <c>model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The route's groups, rules and other settings, as JSON.</summary>
    public required string Document { get; set; }

    public required DateTimeOffset UpdatedAt { get; set; }
}
