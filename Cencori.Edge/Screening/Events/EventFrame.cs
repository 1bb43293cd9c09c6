using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening.Events;

/// <summary>State of one open object or list during the walk through an event.</summary>
internal struct EventFrame
{
    public bool IsList { get; init; }

    /// <summary>True when the texts in the object or list are fragments that later events continue.</summary>
    public bool IsDelta { get; init; }

    /// <summary>True for the list of choices of a chat chunk.</summary>
    public bool IsChoices { get; init; }

    /// <summary>True for an item of the list of choices.</summary>
    public bool IsChoice { get; init; }

    /// <summary>True when the content of the object or list is not model output.</summary>
    public bool IsForeign { get; init; }

    /// <summary>True for the input of a tool call.</summary>
    public bool IsInput { get; init; }

    /// <summary>True when the texts in the object or list are JSON, such as the arguments of a tool call.</summary>
    public bool IsArguments { get; set; }

    /// <summary>True when the texts in the object are the input of a custom tool, which is free text and no JSON.</summary>
    public bool IsFree { get; set; }

    /// <summary>True when this event is the last one with text for its choice (chat) or output item (responses).</summary>
    public bool Closes { get; set; }

    public int FirstText { get; init; }

    /// <summary>Hash of the member names from the root to this object or list.</summary>
    public ulong Path { get; init; }

    /// <summary>Hash of the object's number members, such as <c>index</c>, that distinguish it from its siblings. 0: it has none.</summary>
    public ulong Identity { get; set; }

    /// <summary>Hash of the object's <c>item_id</c>, used when <see cref="Identity"/> is 0.</summary>
    public ulong ItemId { get; set; }

    /// <summary>Name of the current member. For a list, the name of the member that holds the list.</summary>
    public ByteRange Name { get; set; }
}
