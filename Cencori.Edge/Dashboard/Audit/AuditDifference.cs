using System.Text.Json;
using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Dashboard.Audit;

/// <summary>One difference between the states before and after a change.</summary>
/// <param name="Name">Path of the member in the changed document, such as <c>config.model</c>.</param>
/// <param name="Before">The old value; null: the member did not exist.</param>
/// <param name="After">The new value; null: the member no longer exists.</param>
public sealed record AuditDifference(string Name, string? Before, string? After)
{
    /// <summary>
    /// Lists the differences in an audit row, in the order of its members. Documents are compared per member; lists of objects with ids are compared per
    /// object.
    /// </summary>
    public static List<AuditDifference> Of(AuditView row)
    {
        var all = new List<AuditDifference>();
        foreach (var name in Names(row.Before, row.After))
        {
            Add(all, name, Member(row.Before, name), Member(row.After, name));
        }

        return all;
    }

    private static void Add(List<AuditDifference> all, string name, JsonElement? before, JsonElement? after)
    {
        var (was, now) = (Items(before), Items(after));
        if (was is not null && now is not null && was.Count + now.Count > 0)
        {
            foreach (var id in was.Keys.Concat(now.Keys).Distinct(StringComparer.Ordinal))
            {
                AddItem(all, $"{name} {id}", was.TryGetValue(id, out var old) ? old : null, now.TryGetValue(id, out var changed) ? changed : null);
            }

            return;
        }

        if (IsNullOrObject(before) && IsNullOrObject(after) && Names(before, after).ToList() is { Count: > 0 } names)
        {
            names.ForEach(member => Add(all, $"{name}.{member}", Member(before, member), Member(after, member)));
            return;
        }

        if (Text(before) is var one && Text(after) is var other && (one != other || one is "(secret)"))
        {
            all.Add(new(name, one, other));
        }
    }

    // Compares two versions of a list item. An added or removed item is one difference with all of its members.
    private static void AddItem(List<AuditDifference> all, string name, JsonElement? before, JsonElement? after)
    {
        if (before is null || after is null)
        {
            all.Add(new(name, Text(before), Text(after)));
        }
        else
        {
            Add(all, name, before, after);
        }
    }

    // Returns the list's objects by id. Null: the value is not a list of objects with ids. A missing value counts as an empty list.
    private static Dictionary<string, JsonElement>? Items(JsonElement? json)
    {
        var items = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (json is not { } list)
        {
            return items;
        }

        return list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && items.TryAdd(id.GetString()!, item))
            ? items : null;
    }

    private static bool IsNullOrObject(JsonElement? json) => json is null or { ValueKind: JsonValueKind.Object };

    private static IEnumerable<string> Names(params JsonElement?[] json) =>
        json.OfType<JsonElement>().Where(one => one.ValueKind == JsonValueKind.Object).SelectMany(one => one.EnumerateObject().Select(member => member.Name)).Distinct(StringComparer.Ordinal);

    private static JsonElement? Member(JsonElement? json, string name) => json is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement? json) => json is not { } value ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
}
