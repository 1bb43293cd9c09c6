using Cencori.Edge.Projects;

namespace Cencori.Edge.Keys;

/// <summary>The authenticated caller of a request: a valid key and its project. Its presence on the request proves the authentication.</summary>
public sealed record Caller(ApiKey Key, ProjectSnapshot Project)
{
    /// <summary>The route whose shadow model gets this copy of another request. Null: the request is not a copy.</summary>
    public string? ShadowOf { get; init; }

    /// <summary>The endpoint name in records, for requests that the edge sends as part of another operation. Null: the endpoint's own name.</summary>
    public string? RecordedAs { get; init; }
}
