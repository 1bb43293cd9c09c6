namespace Cencori.Edge.Endpoints;

/// <summary>What the native endpoint makes of a provider's response.</summary>
public enum NativeShape
{
    /// <summary>Nothing: it passes as the provider has it.</summary>
    None,

    /// <summary>A chat, whole or as a stream.</summary>
    Chat,

    /// <summary>Images that were made.</summary>
    Images,

    /// <summary>A chat, whole or as a stream, with what it was told of a memory.</summary>
    Sources,
}
