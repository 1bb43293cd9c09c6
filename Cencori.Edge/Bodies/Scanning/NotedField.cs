namespace Cencori.Edge.Bodies.Scanning;

/// <summary>
/// Facts that the scan of a body collects in addition to what every request needs, for changes or routing. Facts that are not requested cost
/// nothing.
/// </summary>
[Flags]
public enum NotedFields
{
    None = 0,

    /// <summary>Field names of native endpoints (<c>/api/ai/…</c>). The scan renames the fields to OpenAI's names: see <see cref="NativeNames"/>.</summary>
    NativeNames = 1,

    /// <summary>Fields that an agent or a prompt may change: messages, instructions, input, tools, temperature.</summary>
    Conversation = 2,

    /// <summary>The field <c>prompt</c>, which may name a prompt stored on the edge, and the fields that it changes: <see cref="Conversation"/>.</summary>
    Prompt = 4,

    /// <summary>Fields that bring in tools and conversations from outside the request, including <c>prompt</c>.</summary>
    Tools = 8,

    /// <summary>Model abilities that the request needs beyond text: <see cref="RequestContent.RequiredAbilities"/>.</summary>
    Needs = 16,

    /// <summary>The caller's labels of the request: <see cref="RequestContent.Labels"/>.</summary>
    Labels = 32,

    /// <summary>Hash of the start of the prompt: <see cref="RequestContent.PromptPrefix"/>.</summary>
    Prefix = 64,

    /// <summary>Ids of data stored at the provider that the request builds on: <see cref="RequestContent.StoredIds"/>.</summary>
    Stored = 128,

    /// <summary>All parts of a form. The form is then buffered whole.</summary>
    WholeForm = 256,

    /// <summary>The field <c>memory</c>, which may name a memory namespace stored on the edge.</summary>
    Memory = 512,

    /// <summary>
    /// Memory fields at the top level of a request to <c>POST /api/ai/rag</c>: namespace, limit, threshold, include_sources.
    /// Also <c>memory</c>, which such a request must not have.
    /// </summary>
    Sources = 1024,
}

/// <summary>A top-level field of a body and its position.</summary>
/// <param name="Field">The kind of field.</param>
/// <param name="Name">Its name, quotes included.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct NotedField(RequestField Field, ByteRange Name, ByteRange Value);
