using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Projects;

/// <summary>Endpoints for projects: create, list, read, change, delete.</summary>
internal static class ProjectsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapPost("/", CreateAsync);
        projects.MapGet("/", ListAsync);
        projects.MapGet("/{projectId}", GetAsync);
        projects.MapPatch("/{projectId}", ChangeAsync);
        projects.MapDelete("/{projectId}", DeleteAsync);
    }

    private static async Task CreateAsync(HttpContext context, ProjectEditor projects) =>
        await RespondAsync(context, StatusCodes.Status201Created, await projects.CreateAsync(AuditActor.Of(context), await context.ReadBodyAsync<NewProject>()));

    private static async Task ListAsync(HttpContext context, ProjectEditor projects) =>
        await context.RespondAsync(StatusCodes.Status200OK, new ProjectsResponse(await projects.ListAsync()));

    private static async Task GetAsync(HttpContext context, string projectId, ProjectEditor projects) =>
        await RespondAsync(context, StatusCodes.Status200OK, await projects.GetAsync(projectId));

    private static async Task ChangeAsync(HttpContext context, string projectId, ProjectEditor projects)
    {
        var change = await context.ReadBodyAsync<ProjectChange>();
        await RespondAsync(context, StatusCodes.Status200OK, await projects.ChangeAsync(AuditActor.Of(context), projectId, change, Precondition.Of(context)));
    }

    private static async Task DeleteAsync(HttpContext context, string projectId, ProjectEditor projects)
    {
        await projects.DeleteAsync(AuditActor.Of(context), projectId, Precondition.Of(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task RespondAsync(HttpContext context, int status, Tagged<ProjectView> project) => context.RespondAsync(status, new ProjectResponse(project.Value), project.Tag);

    private sealed record ProjectResponse(ProjectView Project);

    private sealed record ProjectsResponse(List<ProjectView> Projects);
}
