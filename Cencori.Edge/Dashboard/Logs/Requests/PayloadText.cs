using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>Formats payloads for pages.</summary>
public static class PayloadText
{
    // Maximum size of text that is indented, in characters. Browsers take too long to show more.
    private const int MaxFormatted = 256 * 1024;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Plain(string text) => SafeText.Lines(text);

    /// <summary>Indents JSON; returns other text unchanged.</summary>
    public static string Formatted(string text)
    {
        try
        {
            return text.Length > MaxFormatted ? Plain(text) : Plain(JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(text), Indented));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // JSON with an escape of half a surrogate pair, which cannot be decoded as text. It is shown without indentation.
            return Plain(text);
        }
    }
}
