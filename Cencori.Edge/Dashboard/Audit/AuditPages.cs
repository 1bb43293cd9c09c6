using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.People;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Members;

namespace Cencori.Edge.Dashboard.Audit;

/// <summary>The pages of the audit log: the list of entries, the verification, and the export.</summary>
internal static class AuditPages
{
    public const string Path = DashboardOptions.Path + "/audit";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/audit", ListAsync).WithMetadata(PageAccess.Owners, new PageCompression());
        pages.MapGet("/audit/verify", VerifyAsync).WithMetadata(PageAccess.Owners, new LongResponseMetadata());
        pages.MapGet("/audit/export", ExportAsync).WithMetadata(PageAccess.Owners, new LongResponseMetadata());
    }

    private static async Task<IResult> ListAsync(PageRequest page, AuditLog log, ProjectEditor projects, MemberEditor members)
    {
        var query = page.Context.Request.Query;
        var (filter, ignored) = AuditQuery.Of(query);
        var rows = await log.ListAsync(filter, page.Aborted);
        var known = (await projects.ListNamesAsync()).ToDictionary(project => project.Id);
        var names = (await members.ListAsync()).ToDictionary(member => $"user {member.Id}", MembersPages.NameOf);
        return Page.Show<AuditPage, AuditModel>(page.Frame("Audit", Section.Audit), new(
            [.. rows.Entries.Select(row => RowOf(row, known, names))],
            rows.NextCursor,
            query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()),
            ignored,
            AuditQuery.Rest(query),
            IsFirst: filter.Cursor is null,
            known,
            names));
    }

    private static AuditRow RowOf(AuditView row, Dictionary<string, ProjectName> projects, Dictionary<string, string> names)
    {
        var project = row.ProjectId is { } id && projects.TryGetValue(id, out var found) ? found : null;
        return new(row, names.GetValueOrDefault(row.Actor), project, AuditLinks.Of(row, project?.Slug), AuditDifference.Of(row));
    }

    private static async Task<IResult> VerifyAsync(PageRequest page, AuditLog log) =>
        Page.Show<AuditVerifyPage, AuditVerification>(page.Frame("Check of the audit log", Section.Audit), await log.VerifyAsync(page.Aborted));

    private static async Task ExportAsync(PageRequest page, AuditLog log)
    {
        var (request, response) = (page.Context.Request, page.Context.Response);
        var format = request.Query["format"] == "jsonl" ? "jsonl" : "csv";
        var (filter, _) = AuditQuery.Of(request.Query, format);
        await foreach (var text in log.ExportAsync(page.Actor, filter with { Cursor = null }, page.Aborted))
        {
            if (!response.HasStarted)
            {
                response.ContentType = format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
                response.Headers.ContentDisposition = $"attachment; filename=\"audit.{format}\"";
            }

            await response.WriteAsync(text, page.Aborted);
        }
    }
}

/// <param name="Entry">The row of the audit log.</param>
/// <param name="ActorName">The member's name; null: the actor is not a member.</param>
/// <param name="Project">Null: the row is about no project, or the project was deleted.</param>
/// <param name="Link">The page of the changed object; null: the object has no page.</param>
/// <param name="Differences">The differences that the change has made.</param>
public sealed record AuditRow(AuditView Entry, string? ActorName, ProjectName? Project, string? Link, IReadOnlyList<AuditDifference> Differences);

/// <param name="Rows">The rows of this page, newest first.</param>
/// <param name="NextCursor">The cursor of older rows; null: there are none.</param>
/// <param name="Query">The filters in the URL.</param>
/// <param name="Ignored">Filters that could not be parsed.</param>
/// <param name="Rest">The set filters, to append to the query string of a link: each begins with <c>&amp;</c>.</param>
/// <param name="IsFirst">True: this is the page of the newest rows.</param>
/// <param name="Projects">Projects by id.</param>
/// <param name="Members">Names of members, by their actor text in audit rows.</param>
public sealed record AuditModel(
    IReadOnlyList<AuditRow> Rows, string? NextCursor, IReadOnlyDictionary<string, string> Query, IReadOnlyList<string> Ignored, string Rest, bool IsFirst,
    IReadOnlyDictionary<string, ProjectName> Projects, IReadOnlyDictionary<string, string> Members)
{
    /// <summary>The value of a filter by its name; empty: the filter is not set.</summary>
    public string this[string filter] => Query.GetValueOrDefault(filter, "");
}
