using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>What was said, as text.</summary>
public static class PayloadText
{
    // Beyond it formatting would take a browser longer than reading.
    private const int MaxFormatted = 256 * 1024;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Plain(string text) => SafeText.Lines(text);

    /// <summary>JSON indented; whatever else it is, as it is.</summary>
    public static string Formatted(string text)
    {
        try
        {
            return text.Length > MaxFormatted ? Plain(text) : Plain(JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(text), Indented));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, and no text.
            return Plain(text);
        }
    }
}
