namespace Cencori.Edge.Models;

/// <summary>What a request can ask of a model beside text, and some models cannot do.</summary>
[Flags]
public enum ModelAbilities
{
    None = 0,

    /// <summary>To call functions, or tools of the provider's own.</summary>
    Tools = 1,

    /// <summary>To look at images.</summary>
    Images = 2,

    /// <summary>To listen to sound, or to make it.</summary>
    Audio = 4,

    /// <summary>To answer in JSON that keeps to a schema.</summary>
    JsonSchema = 8,
}
