using System.Buffers;

namespace Cencori.Edge.Screening;

/// <summary>Decides by member name which texts of a response may be model output. A text counts as model output unless a list here excludes it.</summary>
internal static class ResponseTexts
{
    private const int LongestWord = 64;
    private const int ShortestData = 64;

    private static readonly SearchValues<byte> WordLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/-"u8);

    // Members whose value is a word that the API defines.
    private static readonly WordSet Words = new(
    [
        "role", "type", "model", "object", "status", "finish_reason", "native_finish_reason", "stop_reason", "stop_sequence", "service_tier", "system_fingerprint", "provider", "format",
    ]);

    // Members whose value is a word that the API defines or that the caller chose. A fragment in such a member counts as model output.
    private static readonly WordSet WholeWords = new(
    [
        "reason", "param", "name", "owned_by", "quality", "size", "background", "effort", "verbosity", "summary", "truncation", "tool_choice", "mode", "detail", "severity", "filename", "purpose",
        "language", "task", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "search_context_size", "syntax", "phase", "version", "processing_status",
    ]);

    // Members whose values are ids, or encrypted or signed data.
    private static readonly WordSet Opaque = new(
    [
        "id", "encrypted_content", "signature", "thought_signature", "obfuscation",
    ]);

    // Members that hold images, audio or vectors, if the value is base64.
    private static readonly WordSet Data = new(
    [
        "data", "b64_json", "partial_image_b64", "embedding", "result", "url", "image_url", "file_data",
    ]);

    /// <summary>True when a complete text may be model output.</summary>
    /// <param name="name">Name of the member that contains the text, directly or through a list. Empty: none.</param>
    /// <param name="text">The raw JSON text.</param>
    public static bool Has(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) => !IsBlank(text) && Has(name, text, isFragment: false);

    /// <summary>True when a fragment of a text may be model output.</summary>
    /// <param name="name">Name of the member that contains the text, directly or through a list. Empty: none.</param>
    /// <param name="piece">The raw JSON fragment.</param>
    public static bool HasPiece(ReadOnlySpan<byte> name, ReadOnlySpan<byte> piece) => Has(name, piece, isFragment: true);

    /// <summary>True for members that are not model output: text of the caller that <c>/responses</c> repeats, numbers, and errors.</summary>
    /// <param name="name">Name of a top-level member of a response.</param>
    public static bool IsForeign(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("instructions"u8) || name.SequenceEqual("tools"u8) || name.SequenceEqual("metadata"u8) || name.SequenceEqual("usage"u8) || name.SequenceEqual("error"u8);

    /// <summary>True for the input object of a tool call: its members are model output under any name.</summary>
    public static bool IsInput(ReadOnlySpan<byte> name) => name.SequenceEqual("input"u8) || name.SequenceEqual("arguments"u8) || name.SequenceEqual("args"u8);

    /// <summary>True for a single word as APIs use them: short, with only letters, digits and some signs.</summary>
    public static bool IsWord(ReadOnlySpan<byte> text) => text.Length <= LongestWord && text.IndexOfAnyExcept(WordLetters) < 0;

    public static bool IsBlank(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    private static bool Has(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, bool isFragment)
    {
        // A longer name is in none of the lists, so its text counts as model output.
        return name.Length > WordSet.Longest
            || (!Opaque.Has(name) && !name.EndsWith("_id"u8)
                && !(IsWord(text) && (Words.Has(name) || (!isFragment && WholeWords.Has(name))))
                && !((isFragment || text.Length >= ShortestData) && Data.Has(name) && MediaData.IsData(text)));
    }
}
