namespace Cencori.Edge.Endpoints;

/// <summary>How the native endpoint rewrites a provider's response.</summary>
public enum NativeShape
{
    /// <summary>Forwarded unchanged.</summary>
    None,

    /// <summary>A chat, as a document or a stream.</summary>
    Chat,

    /// <summary>Generated images.</summary>
    Images,

    /// <summary>A chat, as a document or a stream, with the memory entries that the model received.</summary>
    Sources,
}
