using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Searches a memory for a question, and stores what was said.</summary>
internal interface IMemoryRecall
{
    /// <summary>Searches as the caller of the exchange: with its project, environment and agent.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="namespace">Name or id of the namespace.</param>
    /// <param name="question">Not empty.</param>
    /// <param name="limit">Results at most.</param>
    /// <param name="threshold">Lowest similarity, 0 to 1. Null: the namespace's own.</param>
    /// <param name="namespaceParam">The field that names the namespace, for errors.</param>
    /// <returns>The results, the most similar first, or why the request is refused.</returns>
    Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam);

    /// <summary>Stores one entry in the background of a request.</summary>
    /// <param name="caller">The owner.</param>
    /// <param name="agent">The agent that the request ran as. Null: none.</param>
    /// <param name="namespace">Name or id of the namespace.</param>
    /// <param name="content">Up to 10,240 characters.</param>
    /// <returns>Null, or why it was not stored.</returns>
    Task<EdgeError?> StoreAsync(Caller caller, Agent? agent, string @namespace, string content);
}

/// <summary>The results of a search, the most similar first.</summary>
internal sealed record RecalledMemories(IReadOnlyList<RecalledMemory> Found);

/// <summary>One entry of a memory.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Metadata">A JSON object. Null: none.</param>
/// <param name="Similarity">To the question, 0 to 1.</param>
internal sealed record RecalledMemory(string Id, string Content, string? Metadata, double Similarity);
