using Cencori.Edge.Projects;

namespace Cencori.Edge.Keys;

/// <summary>Who makes this request: a valid key and its project. Its presence on the request is the proof of authentication.</summary>
public sealed record Caller(ApiKey Key, ProjectSnapshot Project)
{
    /// <summary>The route whose request this is a copy of, which the edge sends of itself. Null: it is a request of its own.</summary>
    public string? ShadowOf { get; init; }

    /// <summary>What records have as its endpoint, where the edge sends it of itself as a part of something else. Null: the endpoint's own name.</summary>
    public string? RecordedAs { get; init; }
}
