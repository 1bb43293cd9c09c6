namespace Cencori.Edge.Bodies;

/// <summary>What is noted of a body beside what every request needs, for somebody who changes it or chooses by it. What is not asked for costs nothing.</summary>
[Flags]
public enum NotedFields
{
    None = 0,

    /// <summary>The native endpoints' own names, which are read as what they mean: see <see cref="NativeNames"/>.</summary>
    NativeNames = 1,

    /// <summary>What an agent or a prompt has a say in: messages, instructions, input, tools, the temperature.</summary>
    Conversation = 2,

    /// <summary><c>prompt</c>, and what there is of <see cref="Conversation"/>, should that be one of the edge's own.</summary>
    Prompt = 4,

    /// <summary>What brings tools and conversations from elsewhere, <c>prompt</c> among it.</summary>
    Tools = 8,

    /// <summary>What is asked of the model beside text: <see cref="RequestContent.RequiredAbilities"/>.</summary>
    Needs = 16,

    /// <summary>What the caller calls the request: <see cref="RequestContent.Labels"/>.</summary>
    Labels = 32,

    /// <summary>How the prompt begins: <see cref="RequestContent.PromptPrefix"/>.</summary>
    Prefix = 64,

    /// <summary>What the provider keeps and the request builds on: <see cref="RequestContent.StoredIds"/>.</summary>
    Stored = 128,

    /// <summary>All parts of a form, which is then held as a whole.</summary>
    WholeForm = 256,

    /// <summary><c>memory</c>, where it is one of the edge's own.</summary>
    Memory = 512,

    /// <summary>What a response with sources asks of a memory, beside <see cref="Memory"/>, which has no place there.</summary>
    Sources = 1024,
}

/// <summary>A top-level field of a body, and where it stands.</summary>
/// <param name="Field">What it is.</param>
/// <param name="Name">Its name, quotes included.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct NotedField(RequestField Field, ByteRange Name, ByteRange Value);
