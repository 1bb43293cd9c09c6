using System.Buffers;

namespace Cencori.Edge.Screening;

/// <summary>Which texts of a response a model may have said, as far as their members tell: what no list here has is its words.</summary>
internal static class ResponseTexts
{
    private const int LongestWord = 64;
    private const int ShortestData = 64;

    private static readonly SearchValues<byte> WordLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/-"u8);

    // Their single words are the API's.
    private static readonly WordSet Words = new(
    [
        "role", "type", "model", "object", "status", "finish_reason", "native_finish_reason", "stop_reason", "stop_sequence", "service_tier", "system_fingerprint", "provider", "format",
    ]);

    // Likewise, where they are no parts of a text; or they are the caller's own.
    private static readonly WordSet WholeWords = new(
    [
        "reason", "param", "name", "owned_by", "quality", "size", "background", "effort", "verbosity", "summary", "truncation", "tool_choice", "mode", "detail", "severity", "filename", "purpose",
        "language", "task", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "search_context_size", "syntax", "phase", "version", "processing_status",
    ]);

    // Nobody can read it, or it is a name of a thing.
    private static readonly WordSet Opaque = new(
    [
        "id", "encrypted_content", "signature", "thought_signature", "obfuscation",
    ]);

    // Pictures, sounds and vectors, if it is base64.
    private static readonly WordSet Data = new(
    [
        "data", "b64_json", "partial_image_b64", "embedding", "result", "url", "image_url", "file_data",
    ]);

    /// <param name="name">Of the member that it stands in, or whose list it stands in. Empty: there is none.</param>
    /// <param name="text">As it stands in JSON.</param>
    public static bool Has(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) => !IsBlank(text) && Has(name, text, isFragment: false);

    /// <summary>Likewise of a text that comes piece by piece.</summary>
    /// <param name="name">As that of a whole one.</param>
    /// <param name="piece">As it stands in JSON.</param>
    public static bool HasPiece(ReadOnlySpan<byte> name, ReadOnlySpan<byte> piece) => Has(name, piece, isFragment: true);

    /// <summary>What stands there is not the model's: what the caller has said itself, which <c>/responses</c> repeats, numbers of the API, errors.</summary>
    /// <param name="name">Of a member at the top of a response.</param>
    public static bool IsForeign(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("instructions"u8) || name.SequenceEqual("tools"u8) || name.SequenceEqual("metadata"u8) || name.SequenceEqual("usage"u8) || name.SequenceEqual("error"u8);

    /// <summary>An object of that name is what a tool is called with: its members are the model's words, whatever they are called.</summary>
    public static bool IsInput(ReadOnlySpan<byte> name) => name.SequenceEqual("input"u8) || name.SequenceEqual("arguments"u8) || name.SequenceEqual("args"u8);

    /// <summary>One word, as those that an API has.</summary>
    public static bool IsWord(ReadOnlySpan<byte> text) => text.Length <= LongestWord && text.IndexOfAnyExcept(WordLetters) < 0;

    public static bool IsBlank(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    private static bool Has(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, bool isFragment)
    {
        // Names that are longer are nothing that an API has.
        return name.Length > WordSet.Longest
            || (!Opaque.Has(name) && !name.EndsWith("_id"u8)
                && !(IsWord(text) && (Words.Has(name) || (!isFragment && WholeWords.Has(name))))
                && !((isFragment || text.Length >= ShortestData) && Data.Has(name) && MediaData.IsData(text)));
    }
}
