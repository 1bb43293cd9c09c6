using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>An object or a list of an event that a walk is in.</summary>
internal struct EventFrame
{
    public bool IsList { get; init; }

    /// <summary>What is in it comes piece by piece.</summary>
    public bool IsDelta { get; init; }

    /// <summary>It is the list of choices.</summary>
    public bool IsChoices { get; init; }

    /// <summary>It is one of them.</summary>
    public bool IsChoice { get; init; }

    /// <summary>The model has not said what is in it.</summary>
    public bool IsForeign { get; init; }

    /// <summary>What a tool is called with.</summary>
    public bool IsInput { get; init; }

    /// <summary>Its texts are JSON.</summary>
    public bool IsArguments { get; set; }

    /// <summary>It ends what it is about.</summary>
    public bool Closes { get; set; }

    public int FirstText { get; init; }

    /// <summary>By the names on the way to it.</summary>
    public ulong Path { get; init; }

    /// <summary>Which of its kind it is.</summary>
    public ulong Identity { get; set; }

    /// <summary>Likewise by an id, where there is no number.</summary>
    public ulong ItemId { get; set; }

    /// <summary>Of the member under way; of a list, the member whose it is.</summary>
    public ByteRange Name { get; set; }
}
