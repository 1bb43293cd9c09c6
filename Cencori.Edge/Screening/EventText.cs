using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>A text of one event.</summary>
/// <param name="Inside">Where it stands in the event's JSON, without its quotes.</param>
internal record struct EventText(ByteRange Inside)
{
    /// <summary>It goes on in later events. Else it is whole.</summary>
    public bool IsFragment { get; set; }

    /// <summary>It is the name of a member.</summary>
    public bool IsName { get; init; }

    /// <summary>The member that it stands in, or whose list it stands in. Of no length: there is none.</summary>
    public ByteRange Name { get; init; }

    /// <summary>The model has not said it: <see cref="ResponseTexts.IsForeign"/>.</summary>
    public bool IsForeign { get; init; }

    /// <summary>It is in what a tool is called with, where members have any names.</summary>
    public bool IsInput { get; init; }

    /// <summary>It is a number, and what stands in its place is a text.</summary>
    public bool IsNumber { get; init; }

    /// <summary>What it is a part of: the same for all fragments of one text.</summary>
    public ulong Channel { get; set; }

    /// <summary>Whose text it is: the same for all texts of one choice or item.</summary>
    public ulong Owner { get; set; }

    /// <summary>It is JSON: the arguments of a call.</summary>
    public bool IsArguments { get; set; }
}
