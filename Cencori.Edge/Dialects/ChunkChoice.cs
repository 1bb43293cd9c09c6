namespace Cencori.Edge.Dialects;

/// <summary>Positions of the parts of one choice in its chunk's JSON. An empty range: the choice does not have that part.</summary>
internal struct ChunkChoice
{
    /// <summary>The stated index, or else the position in the list.</summary>
    public long Index;

    /// <summary>Position of the closing brace.</summary>
    public int End;

    /// <summary>A non-empty string with its quotes.</summary>
    public Range FinishReason;

    /// <summary>The value of <c>delta</c>, of any type.</summary>
    public Range Delta;

    /// <summary>The text with its quotes, a list of parts, or null.</summary>
    public Range Content;

    /// <summary>Call fragments, a non-empty list.</summary>
    public Range Calls;

    /// <summary>A call fragment in the older form, an object.</summary>
    public Range Function;

    public int FirstMember;
    public int MemberCount;

    /// <summary>True when the choice states a role.</summary>
    public bool TellsRole;

    /// <summary>True when the choice contains anything besides calls, role and finish reason.</summary>
    public bool TellsMore;

    public readonly bool HasFragments => !Calls.IsEmpty() || !Function.IsEmpty();
}
