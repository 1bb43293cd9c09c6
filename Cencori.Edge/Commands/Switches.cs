using Cencori.Edge.Hosting;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Settings;

namespace Cencori.Edge.Commands;

/// <summary>Settings on the command line: <c>--Section:Key=value</c>, <c>/Section:Key value</c>, <c>Section:Key=value</c>.</summary>
internal static class Switches
{
    // Names of settings of the .NET host, which exist besides the settings of the edge.
    private static readonly string[] OfHost =
    [
        "urls", "http_ports", "https_ports", "environment", "contentRoot", "webRoot", "applicationName", "AllowedHosts", "shutdownTimeoutSeconds",
        "detailedErrors", "captureStartupErrors", "suppressStatusMessages", "preferHostingUrls", "hostingStartupAssemblies",
    ];

    private static readonly string[] HostSections = ["Logging", "Kestrel", "hostBuilder", "ConnectionStrings", ProviderFile.Section];
    private static readonly string[] Prefixes = ["OTEL_", "DOTNET_", "ASPNETCORE_"];

    public static IEnumerable<string> All => KnownSettings.Names.Concat(OfHost);

    /// <returns>The name of the setting. Null: the argument is not a switch.</returns>
    public static string? Name(string argument)
    {
        var isSwitch = argument.StartsWith("--", StringComparison.Ordinal) || argument.StartsWith('/');
        var parts = argument.Split('=', 2);
        return isSwitch ? parts[0].TrimStart('-', '/') : parts.Length == 2 && !argument.StartsWith('-') ? parts[0] : null;
    }

    /// <remarks>Accepts any name below one of the edge's sections. Misspelt names there are reported later, with those of files and the environment.</remarks>
    public static bool IsKnown(string name) => name.Contains(':')
        ? KnownSettings.Roots.Concat(HostSections).Contains(KnownSettings.RootOf(name), StringComparer.OrdinalIgnoreCase)
        : All.Contains(name, StringComparer.OrdinalIgnoreCase) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Checks a command line that has only switches.</summary>
    /// <returns>What is wrong. Null: there is no fault.</returns>
    public static string? Fault(ReadOnlySpan<string> arguments)
    {
        for (var index = 0; index < arguments.Length; index++)
        {
            var argument = arguments[index];
            var parts = argument.Split('=', 2);
            if (Name(argument) is not { } name)
            {
                return argument.StartsWith('-') ? $"There is no switch '{parts[0]}'."
                    : $"There is no command '{argument}'.{NearestName.Suggest(argument, CommandLine.Commands.Select(command => command.Name))}";
            }

            if (!IsKnown(name))
            {
                return $"There is no switch '{parts[0]}'.{NearestName.Suggest(name, All)}";
            }

            if (parts.Length == 1 && ++index == arguments.Length)
            {
                return $"{argument} needs a value.";
            }
        }

        return null;
    }
}
