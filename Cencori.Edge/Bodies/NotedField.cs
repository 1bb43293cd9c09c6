namespace Cencori.Edge.Bodies;

/// <summary>Which top-level fields are noted where they stand, for somebody who changes them. Reading them costs nothing that is not asked for.</summary>
[Flags]
public enum NotedFields
{
    None = 0,

    /// <summary>The native door's own names, which are read as what they mean: see <see cref="NativeNames"/>.</summary>
    NativeNames = 1,

    /// <summary>What an agent or a prompt has a say in: messages, instructions, input, tools, the temperature.</summary>
    Conversation = 2,

    /// <summary><c>prompt</c>, and what there is of <see cref="Conversation"/>, should that be one of the edge's own.</summary>
    Prompt = 4,

    /// <summary>What brings tools and conversations from elsewhere, <c>prompt</c> among it.</summary>
    Tools = 8,
}

/// <summary>A top-level field of a body, and where it stands.</summary>
/// <param name="Field">What it is.</param>
/// <param name="Name">Its name, quotes included.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct NotedField(RequestField Field, ByteRange Name, ByteRange Value);
