using System.Text.Json;
using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Dashboard.Audit;

/// <summary>One thing that a change has made different.</summary>
/// <param name="Name">Which.</param>
/// <param name="Before">As it was; null: it was not there.</param>
/// <param name="After">As it is now; null: it is not there any more.</param>
public sealed record AuditDifference(string Name, string? Before, string? After)
{
    /// <summary>Of a row, in its own order.</summary>
    public static List<AuditDifference> Of(AuditView row)
    {
        var names = Names(row.Before).Concat(Names(row.After)).Distinct(StringComparer.Ordinal);
        return [.. names.Select(name => new AuditDifference(name, Text(row.Before, name), Text(row.After, name))).Where(one => one.Before != one.After || one.Before is "(secret)")];
    }

    private static IEnumerable<string> Names(JsonElement? told) => told is { ValueKind: JsonValueKind.Object } element ? element.EnumerateObject().Select(member => member.Name) : [];

    private static string? Text(JsonElement? told, string name) =>
        told is not { ValueKind: JsonValueKind.Object } element || !element.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();
}
