namespace Cencori.Edge.Policies.Detectors;

/// <summary>What was seen of a text before it was normalised, and where it comes from.</summary>
[Flags]
internal enum InjectionSigns
{
    None = 0,

    /// <summary>Characters that turn the direction of what follows: what people see is not what a model reads.</summary>
    BidiOverride = 1,

    /// <summary>Unicode's tags, U+E0000 to U+E007F, outside of flags: text that nobody sees.</summary>
    TagCharacters = 2,

    /// <summary>Characters without width within words.</summary>
    ZeroWidthInWords = 4,

    /// <summary>The text is what a tool has brought: a line of a role in it was written by neither side.</summary>
    ToolResult = 8,
}
