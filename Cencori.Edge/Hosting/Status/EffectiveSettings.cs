using System.Collections;
using Cencori.Edge.Admin.SignIn;

namespace Cencori.Edge.Hosting.Status;

/// <summary>The settings of this edge as the status page shows them.</summary>
internal static class EffectiveSettings
{
    // Names of text settings whose value may be shown. Other texts may hold a secret, so the page shows only that they are set. Numbers hold no secret.
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
        return new SettingView(name, isSet ? IsShown(name) ? value! : "(set, not shown)" : name == AdminToken.Setting ? "(stored, not shown)" : Text(KnownSettings.DefaultOf(name)), isSet);
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

/// <param name="Name">The setting's name, as <c>Section:Key</c>.</param>
/// <param name="Value">The text to show.</param>
/// <param name="IsSet">False: the setting is not set, and its default applies.</param>
public sealed record SettingView(string Name, string Value, bool IsSet);
