namespace Cencori.Edge.Models;

/// <summary>Abilities beyond text that a request can need and some models lack.</summary>
[Flags]
public enum ModelAbilities
{
    None = 0,

    /// <summary>Calls functions, or tools of the provider.</summary>
    Tools = 1,

    /// <summary>Reads images.</summary>
    Images = 2,

    /// <summary>Reads or generates audio.</summary>
    Audio = 4,

    /// <summary>Returns JSON that follows a schema.</summary>
    JsonSchema = 8,
}
