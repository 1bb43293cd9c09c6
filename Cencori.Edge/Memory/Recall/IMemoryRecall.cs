using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Searches a memory namespace for the question of a chat, and stores questions and answers of chats.</summary>
internal interface IMemoryRecall
{
    /// <summary>Searches as the caller of the exchange: with its project, environment and agent.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="namespace">Name or id of the namespace.</param>
    /// <param name="question">The text to search for. Not empty.</param>
    /// <param name="limit">Maximum number of results.</param>
    /// <param name="threshold">Minimum similarity of a result, 0 to 1. Null: the threshold of the namespace.</param>
    /// <param name="namespaceParam">The request field that names the namespace, for errors.</param>
    /// <returns>The results, the most similar first, or the error that refuses the request.</returns>
    Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam);

    /// <summary>Stores one entry. A background task calls this method after the request, so the caller cannot cancel it.</summary>
    /// <param name="caller">The caller, whose project owns the entry.</param>
    /// <param name="agent">The agent that the request ran as. Null: it ran as no agent.</param>
    /// <param name="namespace">Name or id of the namespace.</param>
    /// <param name="content">The text of the entry, up to 10,240 characters.</param>
    /// <returns>Why the entry was not stored. Null: it was stored.</returns>
    Task<EdgeError?> StoreAsync(Caller caller, Agent? agent, string @namespace, string content);
}

/// <summary>The results of a search, the most similar first.</summary>
internal sealed record RecalledMemories(IReadOnlyList<RecalledMemory> Found);

/// <summary>One memory entry that a search found.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="Content">The entry's text.</param>
/// <param name="Metadata">The entry's metadata, a JSON object. Null: the entry has none.</param>
/// <param name="Similarity">Similarity of the entry to the question, 0 to 1.</param>
internal sealed record RecalledMemory(string Id, string Content, string? Metadata, double Similarity);
