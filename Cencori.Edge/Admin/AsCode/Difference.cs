using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>In what a part of a document is another than what there is. What it does not name stays as it is.</summary>
internal static class Difference
{
    /// <param name="wanted">Of the document.</param>
    /// <param name="there">What there is.</param>
    /// <param name="tell">Told of each field, by its path in <paramref name="wanted"/>.</param>
    /// <returns>The members that differ.</returns>
    public static JsonObject Of(JsonObject wanted, JsonObject there, Action<string, JsonNode?, JsonNode?> tell)
    {
        var changed = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            // Settings of an agent are told one by one; aliases are one whole.
            if (name == "config" && value is JsonObject inner && there[name] is JsonObject before)
            {
                if (Of(inner, before, (field, old, now) => tell($"{name}.{field}", old, now)) is { Count: > 0 } some)
                {
                    changed[name] = some;
                }
            }
            else if (!IsSame(value, there[name]))
            {
                tell(name, there[name], value);
                changed[name] = value?.DeepClone();
            }
        }

        return changed;
    }

    /// <summary>One with the members of the other in place of its own.</summary>
    public static JsonObject Merge(JsonObject there, JsonObject wanted)
    {
        var merged = (JsonObject)there.DeepClone();
        foreach (var (name, value) in wanted)
        {
            merged[name] = value?.DeepClone();
        }

        return merged;
    }

    private static bool IsSame(JsonNode? left, JsonNode? right) =>
        JsonElement.DeepEquals(JsonSerializer.SerializeToElement(left), JsonSerializer.SerializeToElement(right)) || (TimeOf(left) is { } one && one == TimeOf(right));

    // The same moment can be written in many ways, of which one is stored.
    private static long? TimeOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 10
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text[4] == '-' ? time.ToUnixTimeMilliseconds() : null;
}
