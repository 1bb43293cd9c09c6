using System.Collections;
using Cencori.Edge.Admin.SignIn;

namespace Cencori.Edge.Hosting.Status;

/// <summary>The settings of this edge, as people may see them.</summary>
internal static class EffectiveSettings
{
    // Texts that may be shown. Any other may hold a secret, and is told as being there; numbers and the like hold none.
    private static readonly HashSet<string> Texts =
    [
        "Admin:Urls", "Dashboard:PublicUrl", "Dashboard:OpenIdConnect:Authority", "Dashboard:OpenIdConnect:ClientId", "Dashboard:OpenIdConnect:DisplayName",
        "Dashboard:OpenIdConnect:Owners", "Dashboard:OpenIdConnect:RoleClaim", "Dashboard:OpenIdConnect:RolePrefix", "Dashboard:OpenIdConnect:Scopes",
        "Egress:AllowedNetworks", "ForwardedHeaders:KnownProxies", "PublicUrl", "Storage:DataDirectory", "Storage:Provider", "Telemetry:Prometheus:Address",
    ];

    public static List<SettingView> Of(IConfiguration configuration) => [.. KnownSettings.Names.Select(name =>
    {
        var value = configuration[name];
        var isSet = !string.IsNullOrEmpty(value);
        return new SettingView(name, isSet ? IsShown(name) ? value! : "(set, and not shown)" : name == AdminToken.Setting ? "(stored, and not shown)" : Text(KnownSettings.DefaultOf(name)), isSet);
    })];

    private static bool IsShown(string name) => Texts.Contains(name) || KnownSettings.PropertyOf(name)?.PropertyType.IsValueType == true;

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
