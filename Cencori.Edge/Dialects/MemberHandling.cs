namespace Cencori.Edge.Dialects;

/// <summary>How a member of a document is rewritten. Default: it passes unchanged.</summary>
internal readonly record struct MemberHandling
{
    /// <summary>True: the member is dropped.</summary>
    public bool IsDropped { get; init; }

    /// <summary>The new name of the member. Null: the member keeps its name.</summary>
    public string? Name { get; init; }

    /// <summary>0: the value passes unchanged. Otherwise the number of the value, an object or list that is also rewritten.</summary>
    public int Below { get; init; }

    /// <summary>Receives a copy of the value. Null: no copy is made.</summary>
    public BoundedText? Copy { get; init; }
}
