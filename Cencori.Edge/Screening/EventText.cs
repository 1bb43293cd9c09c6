using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>A text of one event.</summary>
/// <param name="Inside">Range in the event's JSON, without quotes.</param>
internal record struct EventText(ByteRange Inside)
{
    /// <summary>True when it continues in later events. False: it is complete.</summary>
    public bool IsFragment { get; set; }

    /// <summary>True for the name of a member.</summary>
    public bool IsName { get; init; }

    /// <summary>Name of the member that contains it, directly or through a list. Empty: none.</summary>
    public ByteRange Name { get; init; }

    /// <summary>True when it is not model output: <see cref="ResponseTexts.IsForeign"/>.</summary>
    public bool IsForeign { get; init; }

    /// <summary>True inside the input of a tool call, where members can have any name.</summary>
    public bool IsInput { get; init; }

    /// <summary>True for a number. A replacement text then needs quotes.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Identifies the text that it is a part of. Equal for all its fragments.</summary>
    public ulong Channel { get; set; }

    /// <summary>Identifies the choice or item that it belongs to.</summary>
    public ulong Owner { get; set; }

    /// <summary>True when it is JSON: the arguments of a call.</summary>
    public bool IsArguments { get; set; }
}
