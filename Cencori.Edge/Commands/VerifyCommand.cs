using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Pricing;
using Cencori.Edge.Verification;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge verify</c>: lets a running edge check that its records, sums and counters of a project agree for one month.</summary>
internal static class VerifyCommand
{
    private const string Project = "--project";
    private const string Month = "--month";

    // Slug of the project that the first start creates.
    private const string DefaultProject = "default";

    // Timeout of the request: the edge may have to sum up millions of records.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(6);

    public static Command Command { get; } = new(
        "verify", "[--project …] [--month …] [--url …]", "checks that records, sums and counters of a project agree for a month",
        """
        Asks a running edge to compare a project's month in its records, sums and counters, and prints one line per number.

          --project <id, slug or name>    default: default
          --month <2026-11>               default: the current month, UTC
          --url <http://…>                the edge's address; default: from the settings on this machine

        The command sends the admin token of Admin:Token, and never prints it.

        Exit codes: 0 every difference is 0; 1 one is not; 2 the edge cannot be reached, or the command line is wrong.
        """,
        RunAsync)
    {
        Options = [Project, Month, EdgeClient.Url],
    };

    private static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (arguments[Month] is { } month && BillingMonth.Find(month) is null)
        {
            throw new CommandException($"{Month}: '{month}' is not a month such as {BillingMonth.Of(TimeProvider.System.GetUtcNow())}.");
        }

        using var edge = new EdgeClient(arguments, EdgeClient.Url, Timeout);
        var (id, name) = await FindAsync(edge, arguments[Project] ?? DefaultProject);
        var query = arguments[Month] is { } requested ? $"?month={requested}" : "";
        var sheet = await edge.GetAsync($"/api/projects/{id}/verify{query}", static response => response.Deserialize<LedgerSheet>(EdgeClient.Json) ?? throw new JsonException());
        Print(name, sheet);
        return sheet.IsClosed ? Command.Done : Command.Failed;
    }

    private static async Task<(string Id, string Name)> FindAsync(EdgeClient edge, string requested)
    {
        var projects = await edge.GetAsync("/api/projects", static response => response.GetProperty("projects").Deserialize<List<Named>>(EdgeClient.Json) ?? throw new JsonException());
        var found = projects.Where(project => project.Id == requested || project.Slug == requested).Take(1).ToList();
        found = found.Count > 0 ? found : [.. projects.Where(project => project.Name == requested)];
        return found switch
        {
            [var project] => (project.Id, project.Name),
            [] => throw new CommandException($"{Project}: there is no project '{requested}'."),
            _ => throw new CommandException($"{Project}: several projects are called '{requested}'. Name one by its id: {string.Join(", ", found.Select(project => project.Id))}."),
        };
    }

    private static void Print(string project, LedgerSheet sheet)
    {
        Console.WriteLine($"{project} ({sheet.ProjectId}), {sheet.Month}: {(sheet.IsClosed ? "agrees." : "DOES NOT AGREE.")}");
        foreach (var note in sheet.Notes)
        {
            Console.WriteLine(note);
        }

        string[][] rows =
        [
            ["of", "source", "unit", "value", "expected", "difference"],
            .. sheet.Lines.Select(line => new[]
            {
                line.Of, line.Source, line.Unit, line.Value is null ? "not held" : Text(line.Value), line.Value is null ? "" : Text(line.Expected), Text(line.Difference),
            }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        Console.WriteLine();
        foreach (var row in rows)
        {
            // Words are left-aligned, numbers right-aligned.
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => column < 3 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    private static string Text(decimal? number) => number?.ToString("0.############", CultureInfo.InvariantCulture) ?? "";

    private sealed record Named(string Id, string Slug, string Name);
}
