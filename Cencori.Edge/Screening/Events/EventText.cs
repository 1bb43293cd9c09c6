using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening.Events;

/// <summary>One text, or fragment of a text, found in an event.</summary>
/// <param name="Inside">Range in the event's JSON, without quotes.</param>
internal record struct EventText(ByteRange Inside)
{
    /// <summary>True when later events may continue the text. False: it is complete.</summary>
    public bool IsFragment { get; set; }

    /// <summary>True when the text is the name of a member, not a value.</summary>
    public bool IsName { get; init; }

    /// <summary>Name of the member that contains the text, directly or through a list. Empty: none.</summary>
    public ByteRange Name { get; init; }

    /// <summary>True when the text is not model output: <see cref="ResponseTexts.IsForeign"/>.</summary>
    public bool IsForeign { get; init; }

    /// <summary>True when the text is inside the input of a tool call, where members can have any name.</summary>
    public bool IsInput { get; init; }

    /// <summary>True when the value is a number. A replacement text then needs quotes.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Id of the streamed text that this fragment belongs to. Equal for all fragments of the text.</summary>
    public ulong Channel { get; set; }

    /// <summary>Id of the choice or item that the text belongs to.</summary>
    public ulong Owner { get; set; }

    /// <summary>True when the text is JSON: the arguments of a tool call.</summary>
    public bool IsArguments { get; set; }

    /// <summary>True for the input of a custom tool, which is free text and no JSON.</summary>
    public bool IsFree { get; set; }
}
