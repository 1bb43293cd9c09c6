using System.Reflection;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Dashboard;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Egress;
using Cencori.Edge.Memory;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records;
using Cencori.Edge.Redis;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Hosting;

/// <summary>Lists all settings and refuses unknown ones. Without this check, a misspelt setting would have no effect and its default would apply silently.</summary>
public static class KnownSettings
{
    // Option types that bind a whole section. Settings that are read one by one follow below.
    private static readonly (string Section, Type Type)[] Sections =
    [
        (StorageOptions.Section, typeof(StorageOptions)), (RateLimitingOptions.Section, typeof(RateLimitingOptions)), (LimitsOptions.Section, typeof(LimitsOptions)),
        (DrainOptions.Section, typeof(DrainOptions)), (UsageOptions.Section, typeof(UsageOptions)), (PrometheusOptions.Section, typeof(PrometheusOptions)),
        (AuditOptions.Section, typeof(AuditOptions)), (DashboardOptions.Section, typeof(DashboardOptions)), (SignInOptions.Section, typeof(SignInOptions)),
        (OpenIdSettings.Section, typeof(OpenIdSettings)), (MemoryOptions.Section, typeof(MemoryOptions)),
    ];

    private static readonly string[] Single = [AdminToken.Setting, AdminListener.Setting, MasterKey.Setting, RedisOptions.Setting, ForwardedAddresses.Setting, EgressGuard.Setting, PublicAddress.Setting];

    /// <summary>Names of all settings, as <c>Section:Key</c>, sorted. Settings in yarp.json are not included.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Sections.SelectMany(section => section.Type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }).Select(property => $"{section.Section}:{property.Name}"))
            .Concat(Single).Order(StringComparer.Ordinal),
    ];

    /// <summary>The section names of <see cref="Names"/>: the text before the first colon.</summary>
    public static IReadOnlyList<string> Roots { get; } = [.. Names.Select(RootOf).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The default of a setting. Null: the setting has no default, or the code that reads the setting decides.</summary>
    public static object? DefaultOf(string name) => PropertyOf(name) is { } property ? property.GetValue(Activator.CreateInstance(property.DeclaringType!)) : null;

    /// <summary>The property of the options type that holds a setting. Null: no options type has this setting; code reads it directly.</summary>
    public static PropertyInfo? PropertyOf(string name)
    {
        var last = name.Split(':')[^1];
        return Sections.Where(section => name == $"{section.Section}:{last}").Select(section => section.Type.GetProperty(last)).FirstOrDefault(property => property is not null);
    }

    /// <exception cref="StartupException">A section of the edge, or a section with a similar name, has an unknown setting.</exception>
    public static void RefuseUnknown(IConfiguration configuration)
    {
        var faults = configuration.AsEnumerable().Where(setting => setting.Value is not null).Select(setting => Fault(setting.Key)).OfType<string>().ToList();
        if (faults.Count > 0)
        {
            throw new StartupException(string.Join(' ', faults));
        }
    }

    /// <returns>Why the setting is wrong. Null: the setting exists, or it belongs to another program.</returns>
    public static string? Fault(string key)
    {
        if (!key.Contains(':') || Names.Contains(key, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        var root = RootOf(key);
        if (Roots.Contains(root, StringComparer.OrdinalIgnoreCase))
        {
            return $"{key}: there is no such setting.{NearestName.Suggest(key, Names.Where(name => RootOf(name).Equals(root, StringComparison.OrdinalIgnoreCase)))}";
        }

        // The environment also holds settings of other programs. Outside of the edge's sections, only misspelt settings of the edge are reported.
        return NearestName.Find(root, Roots) is { } near && NearestName.Find(near + key[root.Length..], Names) is { } meant
            ? $"{key}: there is no such setting. Did you mean '{meant}'?"
            : null;
    }

    public static string RootOf(string key) => key.Split(':')[0];
}
