using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>A hit of a rule in a body.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Range">Range in bytes of the body.</param>
internal readonly record struct BodyHit(PolicyRule Rule, ByteRange Range)
{
    /// <summary>Role of the text. None: not known yet.</summary>
    public PolicyRoles Role { get; init; }

    /// <summary>Quotes that replacement text needs, because the hit is a number in JSON.</summary>
    public QuotesNeeded Quotes { get; init; }

    /// <summary>Number of times that the text is written as a JSON string: twice in arguments of a tool call, never in a form.</summary>
    public int Levels { get; init; }

    /// <summary>True when the hit must not be changed, because the edge itself uses the text.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Path of the hit in the body. Contains no text that a caller chose.</summary>
    public string? Where { get; init; }
}

/// <summary>Quotes needed around replacement text.</summary>
internal enum QuotesNeeded
{
    None,

    /// <summary>Plain quotes: the text replaces a number.</summary>
    Plain,

    /// <summary>Escaped quotes: the text replaces a number in JSON that is inside a string.</summary>
    Escaped,
}
