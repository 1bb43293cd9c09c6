namespace Cencori.Edge.Endpoints;

/// <summary>What a caller wants done, whichever dialect it is said in.</summary>
public enum Operation
{
    /// <summary>Nothing that the edge knows: it passes to the provider as it is, or nothing is there.</summary>
    Other,
    Chat,
    Completions,
    Responses,
    Embeddings,
    Images,
    Audio,
    Moderations,

    /// <summary>Files and uploads: what is sent is kept, and runs no model.</summary>
    Files,
    Models,
    Metrics,

    /// <summary>What is stored and searched here, by the native endpoint.</summary>
    Memory,
    Health,
    Administration,

    /// <summary>A page for people.</summary>
    Dashboard,
}
