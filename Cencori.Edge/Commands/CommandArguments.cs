using Cencori.Edge.Hosting;
using Cencori.Edge.Settings;

namespace Cencori.Edge.Commands;

/// <summary>The arguments after a command's name: an operand, options, and settings as switches.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);
    private readonly List<string> _switches = [];
    private string? _operand;

    private CommandArguments()
    {
    }

    /// <summary>The configuration that an edge would have when started in this directory with these switches.</summary>
    public IConfiguration Configuration => EdgeHost.CreateBuilder([.. _switches]).Configuration;

    /// <summary>The positional argument. Empty when the command takes none.</summary>
    public string Operand => _operand ?? "";

    /// <summary>The value of an option. Null: the option was not given.</summary>
    public string? this[string option] => _options.GetValueOrDefault(option);

    public bool Has(string flag) => _flags.Contains(flag);

    /// <exception cref="CommandException">An argument is missing or unknown.</exception>
    public static CommandArguments Parse(Command command, ReadOnlySpan<string> arguments)
    {
        var parsed = new CommandArguments();
        for (var index = 0; index < arguments.Length; index++)
        {
            var argument = arguments[index];
            var parts = argument.Split('=', 2);
            if (command.Flags.Contains(argument))
            {
                parsed._flags.Add(argument);
            }
            else if (command.Options.Contains(parts[0]))
            {
                parsed._options[parts[0]] = parts.Length == 2 ? parts[1]
                    : ++index < arguments.Length ? arguments[index]
                    : throw new CommandException($"{argument} needs a value.");
            }
            else if (Switches.Name(argument) is { } name && Switches.IsKnown(name))
            {
                parsed._switches.Add(argument);
                if (parts.Length == 1)
                {
                    parsed._switches.Add(++index < arguments.Length ? arguments[index] : throw new CommandException($"{argument} needs a value."));
                }
            }
            else if (command.Operand is not null && parsed._operand is null && !argument.StartsWith('-'))
            {
                parsed._operand = argument;
            }
            else
            {
                throw new CommandException(Unknown(command, argument, parts[0]));
            }
        }

        return parsed._operand is { Length: > 0 } || command.Operand is null ? parsed
            : throw new CommandException($"{command.Name} needs a {command.Operand}: {CommandLine.Program} {command.Name} {command.Usage}");
    }

    private static string Unknown(Command command, string argument, string name)
    {
        string[] own = [.. command.Options, .. command.Flags];
        return argument.StartsWith('-')
            ? $"There is no option '{name}'.{NearestName.Suggest(name.TrimStart('-'), own.Select(option => option.TrimStart('-')).Concat(Switches.All))} {CommandLine.Program} {command.Name} --help lists the options."
            : $"{command.Name} does not take the argument '{name}'. {CommandLine.Program} {command.Name} --help lists what it takes.";
    }
}
