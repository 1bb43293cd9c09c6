using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Payloads as text.</summary>
public static class PayloadText
{
    // Beyond this size the browser would take too long to show formatted text.
    private const int MaxFormatted = 256 * 1024;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Plain(string text) => SafeText.Lines(text);

    /// <summary>JSON indented; other text unchanged.</summary>
    public static string Formatted(string text)
    {
        try
        {
            return text.Length > MaxFormatted ? Plain(text) : Plain(JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(text), Indented));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // JSON may contain half of a surrogate pair, which is not valid text.
            return Plain(text);
        }
    }
}
