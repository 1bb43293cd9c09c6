namespace Cencori.Edge.Commands;

/// <summary>What the program does when it is not to run an edge.</summary>
/// <param name="Name">The first argument.</param>
/// <param name="Usage">What stands behind it.</param>
/// <param name="Summary">Its line in the help of the program.</param>
/// <param name="Help">The rest of its own.</param>
/// <param name="RunAsync">Gives the exit code.</param>
internal sealed record Command(string Name, string Usage, string Summary, string Help, Func<CommandArguments, Task<int>> RunAsync)
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It could be asked, and the answer is no; or it could not be done.</summary>
    public const int Failed = 1;

    /// <summary>It could not be asked: the command line is wrong, or nobody answers.</summary>
    public const int NotAsked = 2;

    /// <summary>What it calls the one argument that has no name, such as a file; null: it takes none.</summary>
    public string? Operand { get; init; }

    /// <summary>Its options that have a value, such as <c>--month</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Those that have none.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}

/// <summary>Why a command cannot be carried out, in one line without secrets.</summary>
internal sealed class CommandException(string message, int exitCode = Command.NotAsked) : Exception(message)
{
    public int ExitCode => exitCode;
}
