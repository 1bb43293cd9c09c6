using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Projects;

/// <summary>The list of projects, and a new one.</summary>
internal static class ProjectPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/", ListAsync);
        pages.MapGet("/projects/new", New).WithMetadata(PageAccess.Owners);
        pages.MapPost("/projects", CreateAsync).WithMetadata(PageAccess.Owners);
    }

    private static async Task<IResult> ListAsync(PageRequest page, ProjectEditor projects)
    {
        var all = await projects.ListAsync();
        return Page.Show<ProjectsPage, ProjectsModel>(page.Frame("Projects", Section.Projects), new([.. all.Where(project => page.User.Sees(project.Id))]));
    }

    private static IResult New(PageRequest page) => ShowNew(page, FormState.Empty);

    private static async Task<IResult> CreateAsync(PageRequest page, ProjectEditor projects)
    {
        var form = await page.FormAsync();
        try
        {
            var made = await projects.CreateAsync(page.Actor, new NewProject(form["name"].ToString()));
            return PageRequest.GoTo($"{DashboardServices.Path}/p/{made.Value.Slug}", "project-created");
        }
        catch (RefusedException refused)
        {
            return ShowNew(page, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static IResult ShowNew(PageRequest page, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<NewProjectPage, FormState>(page.Frame("New project", Section.Projects), state, status);
}

public sealed record ProjectsModel(IReadOnlyList<ProjectView> Projects);
