using Cencori.Edge.Hosting;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Commands;

/// <summary>Parses the command line: a command, and settings as switches. <c>--help</c> and <c>--version</c> only print a text.</summary>
public static class CommandLine
{
    internal const string Program = "Cencori.Edge";

    internal static IReadOnlyList<Command> Commands { get; } =
        [HealthCommand.Command, VerifyCommand.Command, BackupCommand.Command, RestoreCommand.Command, MigrateCommand.Command, ExportCommand.Command, ApplyCommand.Command];

    /// <returns>The exit code, when this method has handled the command line. Null: the program must run the edge.</returns>
    public static async Task<int?> RespondAsync(string[] arguments)
    {
        var command = arguments is [var first, ..] ? Commands.FirstOrDefault(command => command.Name == first) : null;
        if (arguments.Any(argument => argument is "--help" or "-h" or "-?"))
        {
            await Console.Out.WriteLineAsync(command is null ? Help() : HelpOf(command));
            return Command.Done;
        }

        if (arguments.Contains("--version"))
        {
            await Console.Out.WriteLineAsync(HealthApi.Version);
            return Command.Done;
        }

        if (command is not null)
        {
            return await RunAsync(command, arguments.AsMemory(1));
        }

        if (Switches.Fault(arguments) is not { } fault)
        {
            return null;
        }

        await Console.Error.WriteLineAsync($"{fault} --help lists all commands and switches.");
        return Command.CouldNotRun;
    }

    private static async Task<int> RunAsync(Command command, ReadOnlyMemory<string> arguments)
    {
        try
        {
            return await command.RunAsync(CommandArguments.Parse(command, arguments.Span));
        }
        catch (CommandException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return exception.ExitCode;
        }
        catch (StartupException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Command.CouldNotRun;
        }
    }

    private static string Help() => $"""
        Cencori.Edge {HealthApi.Version}: one OpenAI-compatible base URL for every LLM provider.

          {Program} [--Section:Key=value …]    runs the edge
          {Program} <command> …                runs one command and exits

        Commands. {Program} <command> --help describes one.

          {string.Join("\n  ", Commands.Select(command => $"{command.Name,-10} {command.Summary}"))}

          --version    prints the version

        Exit codes: 0 done; 1 it failed, or the result is negative; 2 the command, switch or option does not exist, or the edge cannot be reached.
        The edge itself ends with 0 after a normal stop (SIGTERM or Ctrl+C), and with 1 and one line of error if it cannot start.

        Settings, also in appsettings.json, or in the environment as Section__Key. docs/settings.md explains them.

          --urls
          {string.Join("\n  ", KnownSettings.Names.Select(name => "--" + name))}
          --{ProviderFile.Section}:… (anything of {ProviderFile.FileName})
        """;

    private static string HelpOf(Command command) => $"""
        {Program} {command.Name} {command.Usage}

        {command.Help}

        Settings are those of the edge: from appsettings.json, the environment and switches, such as --Storage:DataDirectory=… or --Admin:Token=….
        """;
}
