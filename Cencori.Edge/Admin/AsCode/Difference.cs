using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Compares a part of a configuration document with the stored state. Members that the document omits stay unchanged.</summary>
internal static class Difference
{
    /// <param name="requested">Part of the document.</param>
    /// <param name="stored">The same part of the stored state.</param>
    /// <param name="report">Called for each changed field, with its path in <paramref name="requested"/>.</param>
    /// <returns>The members that differ.</returns>
    public static JsonObject Of(JsonObject requested, JsonObject stored, Action<string, JsonNode?, JsonNode?> report)
    {
        var changed = new JsonObject();
        foreach (var (name, value) in requested)
        {
            // The members of an agent's `config` are compared one by one. Every other member is compared as a whole.
            if (name == "config" && value is JsonObject inner && stored[name] is JsonObject before)
            {
                if (Of(inner, before, (field, old, now) => report($"{name}.{field}", old, now)) is { Count: > 0 } some)
                {
                    changed[name] = some;
                }
            }
            else if (!IsSame(value, stored[name]))
            {
                report(name, stored[name], value);
                changed[name] = value?.DeepClone();
            }
        }

        return changed;
    }

    /// <summary>Copies <paramref name="stored"/> and sets the members of <paramref name="requested"/>.</summary>
    public static JsonObject Merge(JsonObject stored, JsonObject requested)
    {
        var merged = (JsonObject)stored.DeepClone();
        foreach (var (name, value) in requested)
        {
            merged[name] = value?.DeepClone();
        }

        return merged;
    }

    private static bool IsSame(JsonNode? left, JsonNode? right) =>
        JsonElement.DeepEquals(JsonSerializer.SerializeToElement(left), JsonSerializer.SerializeToElement(right)) || (TimeOf(left) is { } one && one == TimeOf(right));

    // Times are compared by value, because one time can be written in several ways.
    private static long? TimeOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 10
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text[4] == '-' ? time.ToUnixTimeMilliseconds() : null;
}
