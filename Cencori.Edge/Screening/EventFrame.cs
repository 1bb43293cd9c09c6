using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>An object or list of an event that the walk is inside of.</summary>
internal struct EventFrame
{
    public bool IsList { get; init; }

    /// <summary>True when its texts arrive in fragments.</summary>
    public bool IsDelta { get; init; }

    /// <summary>True for the list of choices.</summary>
    public bool IsChoices { get; init; }

    /// <summary>True for one of the choices.</summary>
    public bool IsChoice { get; init; }

    /// <summary>True when its content is not model output.</summary>
    public bool IsForeign { get; init; }

    /// <summary>True for the input of a tool call.</summary>
    public bool IsInput { get; init; }

    /// <summary>True when its texts are JSON.</summary>
    public bool IsArguments { get; set; }

    /// <summary>True when it ends its choice or item.</summary>
    public bool Closes { get; set; }

    public int FirstText { get; init; }

    /// <summary>Hash of the member names that lead to it.</summary>
    public ulong Path { get; init; }

    /// <summary>Hash of the numbers that identify it among its siblings.</summary>
    public ulong Identity { get; set; }

    /// <summary>Hash of its id, used when there is no number.</summary>
    public ulong ItemId { get; set; }

    /// <summary>Name of the current member; for a list, of the member that holds it.</summary>
    public ByteRange Name { get; set; }
}
