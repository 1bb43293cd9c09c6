namespace Cencori.Edge.Dialects;

/// <summary>How a member of a document is rewritten. Default: it passes unchanged.</summary>
internal readonly record struct MemberHandling
{
    /// <summary>True: the member is dropped.</summary>
    public bool IsDropped { get; init; }

    /// <summary>The new name. Null: keeps its own.</summary>
    public string? Name { get; init; }

    /// <summary>Number of the place inside the value that is also rewritten. 0: none.</summary>
    public int Below { get; init; }

    /// <summary>Receives a copy of the value. Null: no copy.</summary>
    public BoundedText? Copy { get; init; }
}
