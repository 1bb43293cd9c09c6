namespace Cencori.Edge.Endpoints;

/// <summary>The kind of work that a caller requests, in any dialect.</summary>
public enum Operation
{
    /// <summary>A path that the edge does not recognize. The edge forwards the request to the provider unchanged, or refuses it with 404.</summary>
    Other,
    Chat,
    Completions,
    Responses,
    Embeddings,
    Images,
    Audio,
    Moderations,

    /// <summary>Files and uploads: the provider stores them and runs no model.</summary>
    Files,
    Models,
    Metrics,

    /// <summary>The memory that the edge itself stores, below <c>/api/memory</c>.</summary>
    Memory,
    Health,
    Administration,

    /// <summary>A dashboard page.</summary>
    Dashboard,
}
