using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>An object or list that the walk through a body is inside of.</summary>
internal struct BodyFrame
{
    /// <summary>True for a list, false for an object.</summary>
    public bool IsList { get; init; }

    /// <summary>The role given by its place in the body, regardless of its own <c>role</c>. None: not known.</summary>
    public PolicyRoles Place { get; init; }

    /// <summary>Number of hits before it.</summary>
    public int FirstHit { get; init; }

    /// <summary>Number of kept texts before it.</summary>
    public int FirstText { get; init; }

    /// <summary>Name of the current member.</summary>
    public ByteRange Name { get; set; }

    /// <summary>The current member, if it describes its siblings.</summary>
    public BodyMember Member { get; set; }

    /// <summary>True for a message, or another item of a conversation.</summary>
    public bool IsMessage { get; init; }

    /// <summary>True when its <c>type</c> says that it is text.</summary>
    public bool SaysText { get; set; }

    /// <summary>A value in it that looked like a file. Null: none.</summary>
    public ByteRange? Media { get; set; }

    /// <summary>True when the name has a finding, so that it must not appear in paths.</summary>
    public bool IsNameHidden { get; set; }

    /// <summary>Index of the current item, from 0.</summary>
    public int Index { get; set; }

    /// <summary>The role that it states.</summary>
    public PolicyRoles Role { get; set; }
}

/// <summary>Members that describe their siblings.</summary>
internal enum BodyMember
{
    None,
    Role,
    Type,
    Model,
}
