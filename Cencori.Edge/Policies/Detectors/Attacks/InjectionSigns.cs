namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <summary>Signs of an injection that are not phrases: characters of the source that folding removes, and the origin of the text.</summary>
[Flags]
internal enum InjectionSigns
{
    None = 0,

    /// <summary>Characters that reverse the writing direction: people see a different text from the one that the model reads.</summary>
    BidiOverride = 1,

    /// <summary>Unicode tag characters, U+E0000 to U+E007F, outside of flags: invisible text.</summary>
    TagCharacters = 2,

    /// <summary>Zero-width characters inside words.</summary>
    ZeroWidthInWords = 4,

    /// <summary>The text is the result of a tool. A line with a role name in such a text was written by neither the caller nor the model.</summary>
    ToolResult = 8,
}
