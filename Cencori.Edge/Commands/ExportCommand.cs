using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge export</c>: prints an edge's projects and settings as a document.</summary>
internal static class ExportCommand
{
    private const string Format = "--format";
    private const string Output = "--output";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    public static Command Command { get; } = new(
        "export", "[--format yaml|json] [--output <file>] [--server …]", "prints an edge's projects and settings, without secrets",
        """
        Prints projects, limits, budgets, prices, credentials, agents, prompts and keys of a running edge as a document that apply takes. Secrets are not in it:
        in their place stand references such as ${env:OPENAI_API_KEY}.

          --format <yaml|json>    default: yaml
          --output <file>         a new file; default: standard output
          --server <http://…>     the edge's address; default: from the settings on this machine

        The command sends the admin token of Admin:Token, and never prints it.

        Exit codes: 0 done; 1 the edge refuses, or the file cannot be written; 2 the edge cannot be reached, or the command line is wrong.
        """,
        RunAsync)
    {
        Options = [Format, Output, EdgeClient.Server],
    };

    private static async Task<int> RunAsync(CommandArguments arguments)
    {
        var format = arguments[Format] ?? "yaml";
        if (format is not ("yaml" or "json"))
        {
            throw new CommandException($"{Format}: must be yaml or json.");
        }

        using var edge = new EdgeClient(arguments, EdgeClient.Server, Timeout);
        var text = await edge.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/export?format={format}"), static response =>
            (int)response.Status < 300 ? response.Text : EdgeClient.Read<string>(response, static _ => ""));
        if (arguments[Output] is not { } file)
        {
            await Console.Out.WriteLineAsync(text.TrimEnd('\n'));
            return Command.Done;
        }

        try
        {
            await using var stream = PrivateFiles.Open(file, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
            return Command.Done;
        }
        catch (Exception exception) when (BackupCommand.IsReportable(exception))
        {
            throw new CommandException($"{Output}: '{file}' cannot be written: {exception.Message.TrimEnd('.')}.", Command.Failed);
        }
    }
}
