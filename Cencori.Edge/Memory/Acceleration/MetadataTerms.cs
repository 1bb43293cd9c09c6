using System.Globalization;
using System.Text.Json;

namespace Cencori.Edge.Memory.Acceleration;

/// <summary>
/// Writes metadata as texts of the form <c>name:value</c>, for comparison with a <see cref="MemoryFilter"/>. Each value has exactly one spelling, so that a
/// database that compares only text finds the same entries as the filter.
/// </summary>
internal static class MetadataTerms
{
    /// <param name="metadata">The entry's metadata, a JSON object. Null: the entry has none.</param>
    public static string[] Of(string? metadata)
    {
        if (metadata is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(metadata);
        return [.. document.RootElement.EnumerateObject()
            .SelectMany(member => (member.Value.ValueKind == JsonValueKind.Array ? [.. member.Value.EnumerateArray()] : (JsonElement[])[member.Value]).Select(value => Of(member.Name, value)))
            .OfType<string>()];
    }

    public static string OfText(string name, string value) => $"{Quoted(name)}:{Quoted(value)}";

    /// <param name="name">Name of the member.</param>
    /// <param name="value">The number. Null: it has too many digits, or is too large, for decimal.</param>
    /// <param name="text">The number as it is written in the JSON.</param>
    public static string OfNumber(string name, decimal? value, string text) => $"{Quoted(name)}:{value switch
    {
        null => $"={text}",
        0 => "0",
        // G29 drops trailing zeros.
        { } number => number.ToString("G29", CultureInfo.InvariantCulture),
    }}";

    public static string OfFlag(string name, bool value) => $"{Quoted(name)}:{(value ? "true" : "false")}";

    private static string? Of(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => OfText(name, value.GetString()!),
        JsonValueKind.Number => OfNumber(name, value.TryGetDecimal(out var number) ? number : null, value.GetRawText()),
        JsonValueKind.True or JsonValueKind.False => OfFlag(name, value.GetBoolean()),
        _ => null,
    };

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
