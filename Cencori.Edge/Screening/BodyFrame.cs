using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>An object or a list that a walk through a body is in.</summary>
internal struct BodyFrame
{
    /// <summary>It is a list.</summary>
    public bool IsList { get; init; }

    /// <summary>What of the body it is, whatever it says of itself. None: nobody knows.</summary>
    public PolicyRoles Place { get; init; }

    /// <summary>Hits that were there before it.</summary>
    public int FirstHit { get; init; }

    /// <summary>Texts that were kept before it.</summary>
    public int FirstText { get; init; }

    /// <summary>Of the member under way.</summary>
    public ByteRange Name { get; set; }

    /// <summary>The member under way, where it says something of what stands beside it.</summary>
    public BodyMember Member { get; set; }

    /// <summary>It is a message, or another item of a conversation.</summary>
    public bool IsMessage { get; init; }

    /// <summary>It says that it is a text.</summary>
    public bool SaysText { get; set; }

    /// <summary>What looked like a file in it. Null: nothing did.</summary>
    public ByteRange? Media { get; set; }

    /// <summary>Something was found in the name, which nobody must read.</summary>
    public bool IsNameHidden { get; set; }

    /// <summary>Of the item under way, from 0.</summary>
    public int Index { get; set; }

    /// <summary>Whose words it says that it has.</summary>
    public PolicyRoles Role { get; set; }
}

/// <summary>Members that say something of what stands beside them.</summary>
internal enum BodyMember
{
    None,
    Role,
    Type,
    Model,
}
