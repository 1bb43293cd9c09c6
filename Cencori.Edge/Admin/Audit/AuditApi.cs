using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>The audit log: newest first, a page at a time; or all of it, as CSV or as lines of JSON.</summary>
internal static class AuditApi
{
    private const int DefaultLimit = 100;
    private const int MostAtOnce = 1_000;

    private static readonly string[] Parameters = ["from", "to", "actor", "action", "project", "cursor", "limit", "format"];

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/", ListAsync);
        audit.MapGet("/verify", VerifyAsync);
    }

    private static async Task VerifyAsync(HttpContext context, IDbContextFactory<EdgeDbContext> contexts, AuditTrail trail)
    {
        await using var database = await contexts.CreateDbContextAsync(context.RequestAborted);
        await context.AnswerAsync(StatusCodes.Status200OK, await AuditVerification.RunAsync(database, trail.Chain, context.RequestAborted));
    }

    private static async Task ListAsync(HttpContext context, IDbContextFactory<EdgeDbContext> contexts, Changes changes)
    {
        if (!TryRead(context.Request, out var filter, out var problem))
        {
            await context.Refuse(problem);
            return;
        }

        if (filter.Format != "json")
        {
            await changes.NoteAsync(AuditActor.Of(context), new("audit.exported", null, filter.Format));
            await AuditExport.WriteAsync(context, filter, contexts);
            return;
        }

        await using var database = await contexts.CreateDbContextAsync(context.RequestAborted);

        // One more than asked for tells whether there are more.
        var rows = await filter.Of(database, filter.Cursor).Take(filter.Limit + 1).ToListAsync(context.RequestAborted);
        var page = rows.GetRange(0, Math.Min(rows.Count, filter.Limit));
        var next = rows.Count > page.Count ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        await context.AnswerAsync(StatusCodes.Status200OK, new AuditPage(page.ConvertAll(AuditView.Of), next));
    }

    private static bool TryRead(HttpRequest request, out AuditFilter filter, out EdgeError problem)
    {
        filter = new() { Limit = DefaultLimit, Format = request.Headers.Accept.ToString().StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) ? "csv" : "json" };
        problem = null!;
        foreach (var (name, values) in request.Query)
        {
            var value = values.Count == 1 ? values[0]! : "";
            AuditFilter? read = name switch
            {
                "from" => TryTime(value, out var from) ? filter with { From = from } : null,
                "to" => TryTime(value, out var to) ? filter with { To = to } : null,
                "actor" when value.Length > 0 => filter with { Actor = value },
                "action" when value.Length > 0 => filter with { Action = value },
                "project" when value.Length > 0 => filter with { ProjectId = value },
                "cursor" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) ? filter with { Cursor = cursor } : null,
                "limit" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostAtOnce ? filter with { Limit = limit } : null,
                "format" => value is "json" or "csv" or "jsonl" ? filter with { Format = value } : null,
                _ => null,
            };
            if (read is null)
            {
                problem = EdgeError.Invalid(
                    Parameters.Contains(name)
                        ? $"The parameter '{name}' is not what it can be: from and to are times of RFC 3339, limit is 1 to {MostAtOnce}, format is json, csv or jsonl; each once."
                        : $"There is no such parameter. Known: {string.Join(", ", Parameters)}.",
                    name);
                return false;
            }

            filter = read;
        }

        return true;
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private sealed record AuditPage(List<AuditView> Entries, string? NextCursor);
}

/// <summary>Which rows are asked for, and how they are written.</summary>
internal sealed record AuditFilter
{
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public string? Actor { get; init; }

    public string? Action { get; init; }

    public string? ProjectId { get; init; }

    public long? Cursor { get; init; }

    public required int Limit { get; init; }

    public required string Format { get; init; }

    /// <param name="database">Where they are.</param>
    /// <param name="before">Only those before this row; null: from the newest on.</param>
    public IQueryable<AuditRecord> Of(EdgeDbContext database, long? before) => database.Audit.AsNoTracking()
        .Where(row => (before == null || row.Id < before)
            && (From == null || row.At >= From) && (To == null || row.At < To)
            && (Actor == null || row.Actor == Actor) && (Action == null || row.Action == Action) && (ProjectId == null || row.ProjectId == ProjectId))
        .OrderByDescending(row => row.Id);
}

/// <summary>A row as it is told.</summary>
internal sealed record AuditView(long Id, DateTimeOffset At, string Actor, string? Address, string Action, string? ProjectId, string Object, JsonElement? Before, JsonElement? After, string Result)
{
    public static AuditView Of(AuditRecord row) => new(row.Id, row.At, row.Actor, row.Address, row.Action, row.ProjectId, row.Object, Read(row.Before), Read(row.After), row.Result);

    private static JsonElement? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);
}
