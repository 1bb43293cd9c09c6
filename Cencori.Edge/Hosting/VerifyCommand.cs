using System.Globalization;
using System.Net;
using System.Text.Json;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Verification;

namespace Cencori.Edge.Hosting;

/// <summary>
/// <c>Cencori.Edge verify</c>: asks a running edge whether a project's month comes to the same wherever it is counted. Exit code 0 for yes,
/// 1 for no, 2 where it cannot be asked. It sends the admin token, and never prints it.
/// </summary>
public static class VerifyCommand
{
    public const string Command = "verify";

    private const int Closed = 0;
    private const int Different = 1;
    private const int NotAsked = 2;

    private const string Projects = "/api/projects";

    // It tells more than this one asks for, or less, where it is of another version.
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // The edge may have millions of records to add up.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            var options = VerifyOptions.Parse(arguments);
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
            using var client = new HttpClient(handler) { BaseAddress = options.Url, Timeout = Patience };
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {options.Token}");
            var (id, name) = await FindAsync(client, options.Project);
            var month = options.Month is null ? "" : $"?month={Uri.EscapeDataString(options.Month)}";
            var sheet = await AskAsync(client, $"{Projects}/{id}/verify{month}", answer => answer.Deserialize<LedgerSheet>(Json) ?? throw new JsonException());
            Print(name, sheet);
            return sheet.IsClosed ? Closed : Different;
        }
        catch (NotAskedException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return NotAsked;
        }
    }

    private static async Task<(string Id, string Name)> FindAsync(HttpClient client, string wanted)
    {
        var projects = await AskAsync(client, Projects, static answer => answer.GetProperty("projects").Deserialize<List<Project>>(Json) ?? throw new JsonException());
        var found = projects.Where(project => project.Id == wanted || project.Slug == wanted).Take(1).ToList();
        found = found.Count > 0 ? found : [.. projects.Where(project => project.Name == wanted)];
        return found switch
        {
            [var project] => (project.Id, project.Name),
            [] => throw new NotAskedException($"--project: there is no project '{wanted}'."),
            _ => throw new NotAskedException($"--project: several projects are called '{wanted}'. Name one by its id: {string.Join(", ", found.Select(project => project.Id))}."),
        };
    }

    private static async Task<T> AskAsync<T>(HttpClient client, string path, Func<JsonElement, T> read)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                throw new NotAskedException($"{AdminToken.Setting}: the edge at {client.BaseAddress} does not take this token.");
            }

            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? read(body.RootElement)
                : throw new NotAskedException(body.RootElement.GetProperty("message").GetString() ?? $"The edge answers {(int)answer.StatusCode}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            throw new NotAskedException($"--url: the edge at {client.BaseAddress} does not answer: {exception.Message}");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new NotAskedException($"--url: what answers at {client.BaseAddress} is no edge that can verify.");
        }
    }

    private static void Print(string project, LedgerSheet sheet)
    {
        Console.WriteLine($"{project} ({sheet.ProjectId}), {sheet.Month}: {(sheet.IsClosed ? "closed." : "NOT CLOSED.")}");
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
            // Words to the left, numbers to the right.
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => column < 3 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    private static string Text(decimal? number) => number?.ToString("0.############", CultureInfo.InvariantCulture) ?? "";

    private sealed record Project(string Id, string Slug, string Name);
}
