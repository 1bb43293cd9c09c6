using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Settings;

namespace Cencori.Edge.Hosting;

/// <summary>What stands behind the program's name: a command, and settings as switches. <c>--help</c> and <c>--version</c> start nothing.</summary>
public static class CommandLine
{
    private const int Answered = 0;
    private const int Unknown = 2;

    private static readonly string[] Commands = [HealthProbe.Command, VerifyCommand.Command];

    // Of the host, beside the edge's own settings.
    private static readonly string[] HostSwitches =
    [
        "urls", "http_ports", "https_ports", "environment", "contentRoot", "webRoot", "applicationName", "AllowedHosts", "shutdownTimeoutSeconds",
        "detailedErrors", "captureStartupErrors", "suppressStatusMessages", "preferHostingUrls", "hostingStartupAssemblies",
    ];

    private static readonly string[] HostSections = ["Logging", "Kestrel", "hostBuilder", "ConnectionStrings", ProviderFile.Section];
    private static readonly string[] Prefixes = ["OTEL_", "DOTNET_", "ASPNETCORE_"];

    /// <returns>The exit code, where there is nothing else to do; null: go on.</returns>
    public static async Task<int?> AnswerAsync(string[] arguments)
    {
        if (arguments.Any(argument => argument is "--help" or "-h" or "-?"))
        {
            await Console.Out.WriteLineAsync(Help());
            return Answered;
        }

        if (arguments.Contains("--version"))
        {
            await Console.Out.WriteLineAsync(HealthApi.Version);
            return Answered;
        }

        if (Fault(arguments) is not { } fault)
        {
            return null;
        }

        await Console.Error.WriteLineAsync($"{fault} --help lists what there is.");
        return Unknown;
    }

    /// <returns>Null: there is none.</returns>
    public static string? Fault(string[] arguments)
    {
        // It reads its own.
        if (arguments is [VerifyCommand.Command, ..])
        {
            return null;
        }

        for (var index = arguments is [HealthProbe.Command, ..] ? 1 : 0; index < arguments.Length; index++)
        {
            var argument = arguments[index];
            var isSwitch = argument.StartsWith("--", StringComparison.Ordinal) || argument.StartsWith('/');
            var parts = argument.Split('=', 2);
            if (!isSwitch && (parts.Length == 1 || argument.StartsWith('-')))
            {
                return argument.StartsWith('-') ? $"There is no switch '{parts[0]}'." : $"There is no command '{argument}'.{NearestName.Suggest(argument, Commands)}";
            }

            var name = isSwitch ? parts[0].TrimStart('-', '/') : parts[0];
            if (!IsKnown(name))
            {
                return $"There is no switch '{parts[0]}'.{NearestName.Suggest(name, KnownSettings.Names.Concat(HostSwitches))}";
            }

            if (parts.Length == 1 && ++index == arguments.Length)
            {
                return $"{argument} needs a value.";
            }
        }

        return null;
    }

    // What is misspelt below a section of the edge's own is told with the settings of files and of the environment.
    private static bool IsKnown(string name) => name.Contains(':')
        ? KnownSettings.Roots.Concat(HostSections).Contains(KnownSettings.RootOf(name), StringComparer.OrdinalIgnoreCase)
        : HostSwitches.Contains(name, StringComparer.OrdinalIgnoreCase) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static string Help() => $"""
        Cencori.Edge {HealthApi.Version}: one OpenAI-compatible base URL for every LLM provider.

          Cencori.Edge [--Section:Key=value …]                        runs the edge
          Cencori.Edge health [--urls=…]                              asks the edge on this machine whether it answers: exit code 0 for yes
          Cencori.Edge verify [--project …] [--month …] [--url …]     asks an edge whether a month comes to the same wherever it is counted
          Cencori.Edge --help | --version

        Settings, also in appsettings.json, or in the environment as Section__Key. README.md says what they mean.

          --urls
          {string.Join("\n  ", KnownSettings.Names.Select(name => "--" + name))}
          --{ProviderFile.Section}:… (anything of {ProviderFile.FileName})
        """;
}
