namespace Cencori.Edge.Dialects;

/// <summary>What becomes of a member of a document. Default: it passes.</summary>
internal readonly record struct MemberHandling
{
    /// <summary>It does not pass.</summary>
    public bool IsDropped { get; init; }

    /// <summary>It passes by this name. Null: by its own.</summary>
    public string? Name { get; init; }

    /// <summary>What is in it matters, too: the number of that place. 0: nothing.</summary>
    public int Below { get; init; }

    /// <summary>Gets the value as well. Null: nobody does.</summary>
    public BoundedText? Copy { get; init; }
}
