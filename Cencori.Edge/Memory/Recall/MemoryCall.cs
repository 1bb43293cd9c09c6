using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory.Recall;

/// <summary>How a request uses a memory.</summary>
/// <param name="Namespace">Name or id of the namespace.</param>
/// <param name="Limit">Maximum number of entries that are added to the prompt.</param>
/// <param name="Threshold">Minimum similarity of an entry. Null: the threshold of the namespace.</param>
/// <param name="Stores">True: the question and the model's answer are stored after the response.</param>
/// <param name="NamespacePlace">The request field that names the namespace, for errors.</param>
internal sealed record MemoryCall(string Namespace, int Limit, double? Threshold, bool Stores, string NamespacePlace)
{
    /// <summary>Only for <c>POST /api/ai/rag</c>. True: the response lists the added entries as sources. Null: the request came to another endpoint.</summary>
    public bool? ListsSources { get; init; }

    /// <summary>Converts an agent's memory settings.</summary>
    public static MemoryCall Of(AgentMemory memory) => new(memory.Namespace, memory.Limit, memory.Threshold, memory.Store, "agent.memory.namespace");
}
