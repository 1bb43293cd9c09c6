using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>A finding of a rule in a body.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Range">Range in bytes of the body.</param>
internal readonly record struct BodyHit(PolicyRule Rule, ByteRange Range)
{
    /// <summary>Role of the text. None: not known yet.</summary>
    public PolicyRoles Role { get; init; }

    /// <summary>Quotes that the replacement needs, because the finding is a number.</summary>
    public QuotesNeeded Quotes { get; init; }

    /// <summary>True when it must not be changed, because the edge itself uses it.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Path of the place, without any text chosen by a caller.</summary>
    public string? Where { get; init; }
}

/// <summary>Quotes needed around replacement text.</summary>
internal enum QuotesNeeded
{
    None,

    /// <summary>It replaces a number.</summary>
    Plain,

    /// <summary>It replaces a number in JSON inside a string.</summary>
    Escaped,
}
