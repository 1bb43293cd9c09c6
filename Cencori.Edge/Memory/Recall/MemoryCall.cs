using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory.Recall;

/// <summary>How a request uses a memory.</summary>
/// <param name="Namespace">Name or id.</param>
/// <param name="Limit">Entries at most.</param>
/// <param name="Threshold">Lowest similarity. Null: the namespace's own.</param>
/// <param name="Stores">Stores the question and the answer afterwards.</param>
/// <param name="NamespacePlace">The field that names the namespace, for errors.</param>
internal sealed record MemoryCall(string Namespace, int Limit, double? Threshold, bool Stores, string NamespacePlace)
{
    /// <summary>Null: a plain chat. True: an answer with sources that lists them. False: an answer with sources that omits the list.</summary>
    public bool? TellsSources { get; init; }

    /// <summary>The memory that an agent uses for all its chats.</summary>
    public static MemoryCall Of(AgentMemory memory) => new(memory.Namespace, memory.Limit, memory.Threshold, memory.Store, "agent.memory.namespace");
}
