namespace Cencori.Edge.Dialects.ChatChunks;

/// <summary>Positions of the parts of one choice in the chunk's JSON. An empty range means that the choice does not have that part.</summary>
internal struct ChunkChoice
{
    /// <summary>The value of <c>index</c>. If it is missing, the choice's position in the list.</summary>
    public long Index;

    /// <summary>Position of the closing brace of the choice.</summary>
    public int End;

    /// <summary>Position of <c>finish_reason</c>: a non-empty string with its quotes.</summary>
    public Range FinishReason;

    /// <summary>Position of the value of <c>delta</c>, which may have any JSON type.</summary>
    public Range Delta;

    /// <summary>Position of the value of <c>content</c>: a text with its quotes, a list of parts, or null.</summary>
    public Range Content;

    /// <summary>Position of <c>tool_calls</c>: a non-empty list of call fragments.</summary>
    public Range Calls;

    /// <summary>Position of <c>function_call</c>: a call fragment in the older form, an object.</summary>
    public Range Function;

    public int FirstMember;
    public int MemberCount;

    /// <summary>True when the choice's delta has a role.</summary>
    public bool HasRole;

    /// <summary>True when the choice contains anything besides role, finish reason and fragments of tool calls.</summary>
    public bool HasOtherMembers;

    public readonly bool HasFragments => !Calls.IsEmpty() || !Function.IsEmpty();
}
