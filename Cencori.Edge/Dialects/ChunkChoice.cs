namespace Cencori.Edge.Dialects;

/// <summary>Where the parts of one choice stand in its chunk's JSON. Empty: it has none.</summary>
internal struct ChunkChoice
{
    /// <summary>As it says; where it does not, its place in the list.</summary>
    public long Index;

    /// <summary>Its closing brace.</summary>
    public int End;

    /// <summary>A string that is not empty, with its quotes.</summary>
    public Range FinishReason;

    /// <summary>Whatever it is.</summary>
    public Range Delta;

    /// <summary>The text, with its quotes, or parts of it, or null.</summary>
    public Range Content;

    /// <summary>Fragments of calls, a list that is not empty.</summary>
    public Range Calls;

    /// <summary>The same in its older form, an object.</summary>
    public Range Function;

    public int FirstMember;
    public int MemberCount;

    /// <summary>It says whose words these are.</summary>
    public bool TellsRole;

    /// <summary>It tells something else than calls, its role and its end.</summary>
    public bool TellsMore;

    public readonly bool HasFragments => !Calls.IsEmpty() || !Function.IsEmpty();
}
