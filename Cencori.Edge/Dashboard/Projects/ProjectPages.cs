using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Projects;

/// <summary>All projects at a glance, one of them, and a new one.</summary>
internal static class ProjectPages
{
    private const int PageSize = 60;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/", ListAsync).WithMetadata(PageAccess.Viewers);
        pages.MapGet("/projects/new", New).WithMetadata(PageAccess.Owners);
        pages.MapPost("/projects", CreateAsync).WithMetadata(PageAccess.Owners);
        pages.MapGet("/p/{slug}", ShowAsync).WithMetadata(PageAccess.Viewers);
    }

    private static async Task<IResult> ListAsync(PageRequest page, ProjectEditor projects, EdgeHealth health)
    {
        var query = page.Context.Request.Query;
        var text = query["q"].ToString().Trim();
        var seen = (await projects.ListAsync()).FindAll(project => page.User.Sees(project.Id));
        var found = seen.Where(project => project.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || project.Slug.Contains(text, StringComparison.OrdinalIgnoreCase))
            .OrderBy(project => project.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var pageCount = Math.Max(1, (found.Count + PageSize - 1) / PageSize);
        var number = int.TryParse(query["page"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, pageCount) : 1;
        return Page.Show<ProjectsPage, ProjectsModel>(page.Frame("Projects", Section.Projects), new()
        {
            Text = text,
            Shown = found.GetRange((number - 1) * PageSize, Math.Min(PageSize, found.Count - ((number - 1) * PageSize))),
            Count = found.Count,
            All = seen.Count,
            Page = number,
            Pages = pageCount,
            Health = await health.AskAsync(),
        });
    }

    private static async Task<IResult> ShowAsync(PageRequest page, OverviewReader overview) =>
        Page.Show<OverviewPage, OverviewModel>(page.Frame(page.Project.Name, Section.Overview), await overview.ReadAsync(page));

    private static IResult New(PageRequest page) => ShowNew(page, FormState.Empty);

    private static async Task<IResult> CreateAsync(PageRequest page, ProjectEditor projects)
    {
        var form = await page.FormAsync();
        try
        {
            var made = await projects.CreateAsync(page.Actor, new NewProject(form["name"].ToString().Trim()));
            return PageRequest.GoTo($"{DashboardServices.Path}/p/{made.Value.Slug}", "project-created");
        }
        catch (RefusedException refused) when (refused.Error.Kind == ErrorKind.InvalidRequest)
        {
            return ShowNew(page, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static IResult ShowNew(PageRequest page, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<NewProjectPage, FormState>(page.Frame("New project", Section.Projects), state, status);
}

/// <summary>The list of projects.</summary>
public sealed record ProjectsModel
{
    /// <summary>What was looked for; empty: all.</summary>
    public required string Text { get; init; }

    public required IReadOnlyList<ProjectView> Shown { get; init; }

    /// <summary>That were found.</summary>
    public required int Count { get; init; }

    /// <summary>That there are.</summary>
    public required int All { get; init; }

    /// <summary>From 1 on.</summary>
    public required int Page { get; init; }

    public required int Pages { get; init; }

    public required IReadOnlyList<HealthWord> Health { get; init; }
}
