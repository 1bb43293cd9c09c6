using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Finds what is relevant to a question in a memory, and stores what was said.</summary>
internal interface IMemoryRecall
{
    /// <summary>Searches as the caller of the exchange: its project, its environment, its agent.</summary>
    /// <param name="exchange">Whose question it is.</param>
    /// <param name="namespace">Name or id of the namespace.</param>
    /// <param name="question">What was asked; not empty.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="threshold">The least similarity, 0 to 1. Null: the namespace's own.</param>
    /// <param name="namespaceParam">Where the namespace is named, for whoever reads an error.</param>
    /// <returns>What was found, the most similar first; or why the request is refused.</returns>
    Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam);

    /// <summary>Stores one entry, off the caller's way.</summary>
    /// <param name="caller">Whose.</param>
    /// <param name="agent">As whom it ran. Null: as none.</param>
    /// <param name="namespace">Name or id of the namespace.</param>
    /// <param name="content">Up to 10,240 characters.</param>
    /// <returns>Null, or why it is not stored.</returns>
    Task<EdgeError?> StoreAsync(Caller caller, Agent? agent, string @namespace, string content);
}

/// <summary>What a search has found, the most similar first.</summary>
internal sealed record RecalledMemories(IReadOnlyList<RecalledMemory> Found);

/// <summary>One entry of a memory.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Metadata">A JSON object. Null: it has none.</param>
/// <param name="Similarity">To the question, 0 to 1.</param>
internal sealed record RecalledMemory(string Id, string Content, string? Metadata, double Similarity);
