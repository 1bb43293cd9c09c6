using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.AsCode;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge apply</c>: changes an edge to match a document.</summary>
internal static class ApplyCommand
{
    private const string Plan = "--plan";
    private const int LongestValue = 60;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private static readonly JsonSerializerOptions JsonOfLines = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Command { get; } = new(
        "apply", "<file> [--plan] [--server …]", "changes an edge's projects and settings to match a document",
        """
        Sends a document in the format of export, YAML or JSON, to a running edge. The edge applies all of it or nothing, by the rules of the
        administration, and writes the same audit rows. The command prints the difference first. What the document does not name stays; nothing is deleted
        or revoked. Applying a document a second time changes nothing.

          --plan                 only print the difference, after a trial run on the edge
          --server <http://…>    the edge's address; default: from the settings on this machine

        ${env:NAME} instead of a secret (apiKey, webhook_secret, a secret of a guardrail or of the webhook of policies) is taken from the environment of this command and never printed; when it is not set, the edge keeps the secret that it has.
        New keys are printed once. The command sends the admin token of Admin:Token, and never prints it.

        Exit codes: 0 done, or nothing to do; 1 the document is refused, with its line and path; 2 the edge cannot be reached, or the command line is wrong.
        """,
        RunAsync)
    {
        Operand = "file",
        Flags = [Plan],
        Options = [EdgeClient.Server],
    };

    private static async Task<int> RunAsync(CommandArguments arguments)
    {
        using var edge = new EdgeClient(arguments, EdgeClient.Server, Timeout);
        var document = Read(arguments.Operand);
        SecretReference.Resolve(document.Root, Environment.GetEnvironmentVariable);

        var planned = await SendAsync(edge, arguments.Operand, document, isPlan: true);
        Print(planned);
        if (arguments.Has(Plan) || planned.Projects.TrueForAll(project => project.Changes.Count == 0))
        {
            Console.WriteLine(planned.Projects.TrueForAll(project => project.Changes.Count == 0) ? "Nothing to do." : "Nothing was changed: this is only the plan.");
            return Command.Done;
        }

        var applied = await SendAsync(edge, arguments.Operand, document, isPlan: false);
        Console.WriteLine("Applied.");
        foreach (var (project, key) in applied.Projects.SelectMany(project => project.Keys.Select(key => (project, key))))
        {
            Console.WriteLine($"Key '{key.Name}' of {project.Slug} (shown once): {key.FullKey}");
        }

        return Command.Done;
    }

    private static Document Read(string file)
    {
        try
        {
            return Document.Parse(File.ReadAllText(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"'{file}' cannot be read: {exception.Message.TrimEnd('.')}.");
        }
        catch (FormatException exception)
        {
            throw new CommandException($"{file}: {exception.Message}", Command.Failed);
        }
    }

    private static Task<ApplyResponse> SendAsync(EdgeClient edge, string file, Document document, bool isPlan)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, isPlan ? "/api/apply?plan=true" : "/api/apply")
        {
            Content = new StringContent(document.Root.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        return edge.SendAsync(request, response => response.Status == HttpStatusCode.OK
            ? JsonSerializer.Deserialize<ApplyResponse>(response.Text, AdminJson.Options) ?? throw new JsonException()
            : throw Refused(file, document, response.Text));
    }

    private static CommandException Refused(string file, Document document, string response)
    {
        var error = JsonNode.Parse(response)!;
        var path = (string?)error["param"];
        var line = document.LineOf(path) is { } number ? $":{number}" : "";
        return new($"{file}{line}: {(path is null ? "" : $"{path}: ")}{(string?)error["message"] ?? "The edge refuses it."}", Command.Failed);
    }

    private static void Print(ApplyResponse response)
    {
        foreach (var project in response.Projects.Where(project => project.Changes.Count + project.Notes.Count > 0))
        {
            Console.WriteLine(project.Slug);
            foreach (var change in project.Changes)
            {
                Console.WriteLine(change.Action == PlannedChange.Create
                    ? $"  + {change.What}"
                    : $"  ~ {change.What}: {change.Field}: {Text(change.Before)} -> {Text(change.After)}");
            }

            foreach (var note in project.Notes)
            {
                Console.WriteLine($"    {note}");
            }
        }
    }

    private static string Text(JsonNode? value)
    {
        var text = value?.ToJsonString(JsonOfLines) ?? "null";
        return text.Length > LongestValue ? $"{text[..LongestValue]}…" : text;
    }
}
