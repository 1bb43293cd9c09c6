using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Storage.Systems;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cencori.Edge.Dashboard.Projects;

/// <summary>The pages for the list of projects, one project's overview, and a new project.</summary>
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

    private static async Task<IResult> ListAsync(PageRequest page, ProjectEditor projects, ProjectCards cards, HealthCheckService health)
    {
        var query = page.Context.Request.Query;
        var text = query["q"].ToString().Trim();
        var seen = (await projects.ListNamesAsync()).FindAll(project => page.User.CanSee(project.Id));
        var (known, note) = await TryReadAsync(cards, page.Aborted);

        // Projects with the most requests come first.
        var found = seen.Where(project => project.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || project.Slug.Contains(text, StringComparison.OrdinalIgnoreCase))
            .Select(project => new ProjectGlance(project, known?.Projects.GetValueOrDefault(project.Id)))
            .OrderByDescending(glance => glance.Card?.Today.Requests ?? 0).ThenBy(glance => glance.Project.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var pageCount = Math.Max(1, (found.Count + PageSize - 1) / PageSize);
        var number = int.TryParse(query["page"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var requested) ? Math.Clamp(requested, 1, pageCount) : 1;
        return Page.Show<ProjectsPage, ProjectsModel>(page.Frame("Projects", Section.Projects), new()
        {
            Text = text,
            Shown = found.GetRange((number - 1) * PageSize, Math.Min(PageSize, found.Count - ((number - 1) * PageSize))),
            Count = found.Count,
            All = seen.Count,
            Page = number,
            Pages = pageCount,
            Health = await health.CheckHealthAsync(page.Aborted),
            Note = note,
        });
    }

    // Returns null and a note when the database is busy: the page can show the projects without numbers.
    private static async Task<(ProjectCardList? Cards, string? Note)> TryReadAsync(ProjectCards cards, CancellationToken cancellation)
    {
        try
        {
            return (await cards.ReadAsync(cancellation), null);
        }
        catch (DatabaseBusyException)
        {
            return (null, "The database is busy, so the numbers are missing. Reload the page in a moment.");
        }
    }

    private static async Task<IResult> ShowAsync(PageRequest page, OverviewReader overview) =>
        Page.Show<OverviewPage, OverviewModel>(page.Frame(page.Project.Name, Section.Overview), await overview.ReadAsync(page));

    private static IResult New(PageRequest page) => ShowNew(page, FormState.Empty);

    private static async Task<IResult> CreateAsync(PageRequest page, ProjectEditor projects)
    {
        var form = await page.FormAsync();
        try
        {
            var created = await projects.CreateAsync(page.Actor, new NewProject(form["name"].ToString().Trim()));
            return PageRequest.RedirectTo($"{DashboardOptions.Path}/p/{created.Value.Slug}", "project-created");
        }
        catch (RefusedException refused) when (refused.Error.Kind == ErrorKind.InvalidRequest)
        {
            return ShowNew(page, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static IResult ShowNew(PageRequest page, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<NewProjectPage, FormState>(page.Frame("New project", Section.Projects), state, status);
}

/// <summary>Everything that the page with the list of projects shows.</summary>
public sealed record ProjectsModel
{
    /// <summary>The search text; empty: all projects.</summary>
    public required string Text { get; init; }

    public required IReadOnlyList<ProjectGlance> Shown { get; init; }

    /// <summary>Number of projects that match the search text.</summary>
    public required int Count { get; init; }

    /// <summary>Number of all projects that the user can see.</summary>
    public required int All { get; init; }

    /// <summary>Number of the shown page; the first is 1.</summary>
    public required int Page { get; init; }

    public required int Pages { get; init; }

    public required HealthReport Health { get; init; }

    /// <summary>Why usage numbers are missing; null: they are shown.</summary>
    public string? Note { get; init; }
}

/// <param name="Project">The project.</param>
/// <param name="Card">The project's usage. Null: the project had no request in 24 hours, or the numbers are missing.</param>
public sealed record ProjectGlance(ProjectName Project, ProjectCard? Card);
