using System.Globalization;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Endpoints that list the audit log in pages, newest first, or export it as CSV or JSON lines.</summary>
internal static class AuditApi
{
    private const int DefaultLimit = 100;
    private const int MaxAtOnce = 1_000;

    /// <summary>Names of the query parameters.</summary>
    public static readonly string[] Parameters = ["from", "to", "actor", "action", "project", "object", "cursor", "limit", "format"];

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/", ListAsync);
        audit.MapGet("/verify", VerifyAsync);
    }

    private static async Task VerifyAsync(HttpContext context, AuditLog log) =>
        await context.RespondAsync(StatusCodes.Status200OK, await log.VerifyAsync(context.RequestAborted));

    private static async Task ListAsync(HttpContext context, AuditLog log)
    {
        if (!TryRead(context.Request, out var filter, out var problem))
        {
            throw new RefusedException(problem);
        }

        if (filter.Format == "json")
        {
            await context.RespondAsync(StatusCodes.Status200OK, await log.ListAsync(filter, context.RequestAborted));
            return;
        }

        await foreach (var text in log.ExportAsync(AuditActor.Of(context), filter, context.RequestAborted))
        {
            if (!context.Response.HasStarted)
            {
                context.Response.ContentType = filter.Format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
                context.Response.Headers.ContentDisposition = $"attachment; filename=\"audit.{filter.Format}\"";
            }

            await context.Response.WriteAsync(text, context.RequestAborted);
        }
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
                "object" when value.Length > 0 => filter with { ObjectId = value },
                "cursor" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) ? filter with { Cursor = cursor } : null,
                "limit" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxAtOnce ? filter with { Limit = limit } : null,
                "format" => value is "json" or "csv" or "jsonl" ? filter with { Format = value } : null,
                _ => null,
            };
            if (read is null)
            {
                problem = EdgeError.Invalid(
                    Parameters.Contains(name)
                        ? $"The parameter '{name}' must appear once, with a valid value: from and to must be times of RFC 3339, limit 1 to {MaxAtOnce}, format json, csv or jsonl."
                        : $"There is no parameter '{name}'. Use only: {string.Join(", ", Parameters)}.",
                    name);
                return false;
            }

            filter = read;
        }

        return true;
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
