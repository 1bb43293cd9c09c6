namespace Cencori.Edge.Commands;

/// <summary>A subcommand of the program, other than running the edge.</summary>
/// <param name="Name">The first argument.</param>
/// <param name="Usage">The arguments after the name, for the help.</param>
/// <param name="Summary">The command's line in the program's help.</param>
/// <param name="Help">The text of the command's own help.</param>
/// <param name="RunAsync">Runs the command and returns the exit code.</param>
internal sealed record Command(string Name, string Usage, string Summary, string Help, Func<CommandArguments, Task<int>> RunAsync)
{
    /// <summary>Exit code: done.</summary>
    public const int Done = 0;

    /// <summary>Exit code: the command has run, but its result is negative, or it has failed.</summary>
    public const int Failed = 1;

    /// <summary>Exit code: the command could not run. The command line is wrong, or the edge does not respond.</summary>
    public const int CouldNotRun = 2;

    /// <summary>Name of the single positional argument, such as a file. Null: the command takes none.</summary>
    public string? Operand { get; init; }

    /// <summary>Options with a value, such as <c>--month</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Options without a value.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}

/// <summary>The failure of a command. Its message is one line without secrets.</summary>
internal sealed class CommandException(string message, int exitCode = Command.CouldNotRun) : Exception(message)
{
    public int ExitCode => exitCode;
}
