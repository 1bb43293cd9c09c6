using System.Collections;

namespace Cencori.Edge.Hosting.Status;

/// <summary>The settings of this edge, as people may see them.</summary>
internal static class SettingsInForce
{
    // What holds a secret, or may hold one within it, is told as being there.
    private static readonly string[] Secret = ["Token", "Key", "ConnectionString", "Redis:Configuration"];

    public static List<SettingView> Of(IConfiguration configuration) => [.. KnownSettings.Names.Select(name =>
    {
        var value = configuration[name];
        var isSet = !string.IsNullOrEmpty(value);
        return new SettingView(name, isSet && Array.Exists(Secret, part => name.EndsWith(part, StringComparison.OrdinalIgnoreCase)) ? "(set, and not shown)" : isSet ? value! : Text(KnownSettings.DefaultOf(name)), isSet);
    })];

    private static string Text(object? value) => value switch
    {
        null or "" => "–",
        string text => text,
        IEnumerable many => string.Join(", ", many.Cast<object>()) is { Length: > 0 } text ? text : "–",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "–",
    };
}

/// <param name="Name">As <c>Section:Key</c>.</param>
/// <param name="Value">As it is told.</param>
/// <param name="IsSet">Somebody has set it; else it is the default.</param>
public sealed record SettingView(string Name, string Value, bool IsSet);
