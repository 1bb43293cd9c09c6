using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>State of one open object or list during the walk through a body.</summary>
internal struct BodyFrame
{
    /// <summary>True for a list, false for an object.</summary>
    public bool IsList { get; init; }

    /// <summary>The role that follows from the place in the body. It overrides the object's own <c>role</c> member. None: the place gives no role.</summary>
    public PolicyRoles Place { get; init; }

    /// <summary>Number of hits before the object or list.</summary>
    public int FirstHit { get; init; }

    /// <summary>Number of collected texts before the object or list.</summary>
    public int FirstText { get; init; }

    /// <summary>Name of the current member.</summary>
    public ByteRange Name { get; set; }

    /// <summary>Set when the current member describes its siblings, such as <c>role</c> or <c>type</c>.</summary>
    public BodyMember Member { get; set; }

    /// <summary>True when the current member says where the content of a part is, as Anthropic's <c>source</c> does.</summary>
    public bool IsSource { get; set; }

    /// <summary>True for a message, or another item of a conversation.</summary>
    public bool IsMessage { get; init; }

    /// <summary>True when the object has had a <c>type</c> member.</summary>
    public bool HasType { get; set; }

    /// <summary>True when the object's <c>type</c> says that its content is text.</summary>
    public bool IsMarkedAsText { get; set; }

    /// <summary>Range of a value in the object that looked like a file. Null: none did.</summary>
    public ByteRange? Media { get; set; }

    /// <summary>True when the current member's name has a finding, so that paths must not show the name.</summary>
    public bool IsNameHidden { get; set; }

    /// <summary>Index of the current item of a list, from 0.</summary>
    public int Index { get; set; }

    /// <summary>The role that the object's own <c>role</c> or <c>type</c> states.</summary>
    public PolicyRoles Role { get; set; }
}

/// <summary>Names of members that say something about their siblings, such as <c>role</c> and <c>type</c>.</summary>
internal enum BodyMember
{
    None,
    Role,
    Type,
    Model,
}
