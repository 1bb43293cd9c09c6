using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory.Recall;

/// <summary>What a request asks of a memory.</summary>
/// <param name="Namespace">Name or id.</param>
/// <param name="Limit">How many entries at most.</param>
/// <param name="Threshold">The least similarity. Null: the namespace's own.</param>
/// <param name="Stores">What is said is stored afterwards.</param>
/// <param name="NamespacePlace">Where the namespace is named, for whoever reads an error.</param>
internal sealed record MemoryCall(string Namespace, int Limit, double? Threshold, bool Stores, string NamespacePlace)
{
    /// <summary>The answer tells what was found. False: it does not, and is one with sources all the same. Null: it is a plain chat.</summary>
    public bool? TellsSources { get; init; }

    /// <summary>What an agent asks for all of its chats.</summary>
    public static MemoryCall Of(AgentMemory memory) => new(memory.Namespace, memory.Limit, memory.Threshold, memory.Store, "agent.memory.namespace");
}
