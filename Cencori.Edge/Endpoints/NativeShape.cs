namespace Cencori.Edge.Endpoints;

/// <summary>The format to which a native endpoint (/api/ai/…) rewrites a provider's response.</summary>
public enum NativeShape
{
    /// <summary>The response is forwarded unchanged.</summary>
    None,

    /// <summary>A chat, as a document or a stream.</summary>
    Chat,

    /// <summary>Generated images.</summary>
    Images,

    /// <summary>A chat, as a document or a stream, plus the list of memory entries that were added to the prompt.</summary>
    Sources,
}
