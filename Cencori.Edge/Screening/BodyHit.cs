using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>What a rule has found in a body.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Range">Where, in bytes of the body.</param>
internal readonly record struct BodyHit(PolicyRule Rule, ByteRange Range)
{
    /// <summary>Whose words. None: not known yet.</summary>
    public PolicyRoles Role { get; init; }

    /// <summary>It is a number, and what stands in its place is a text.</summary>
    public QuotesNeeded Quotes { get; init; }

    /// <summary>It must stay as it is, as the edge itself goes by it.</summary>
    public bool IsFixed { get; init; }

    /// <summary>The place as a path, without anything that a caller has chosen.</summary>
    public string? Where { get; init; }
}

/// <summary>What has to stand around a text that takes the place of something else.</summary>
internal enum QuotesNeeded
{
    None,

    /// <summary>It takes the place of a number.</summary>
    Plain,

    /// <summary>It takes the place of a number of JSON within a text.</summary>
    Escaped,
}
