namespace Cencori.Edge.Policies.Detectors;

/// <summary>Signs noticed before the text was normalised, and its origin.</summary>
[Flags]
internal enum InjectionSigns
{
    None = 0,

    /// <summary>Characters that reverse the writing direction: people see another text than the model reads.</summary>
    BidiOverride = 1,

    /// <summary>Unicode tag characters, U+E0000 to U+E007F, outside of flags: invisible text.</summary>
    TagCharacters = 2,

    /// <summary>Zero-width characters inside words.</summary>
    ZeroWidthInWords = 4,

    /// <summary>The text is the result of a tool: a line with a role name in it comes from neither side of the conversation.</summary>
    ToolResult = 8,
}
