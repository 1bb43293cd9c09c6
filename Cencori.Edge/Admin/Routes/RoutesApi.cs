using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Endpoints for a project's routes.</summary>
internal static class RoutesApi
{
    // The route parameter matches slashes, because a route's name may contain slashes, which clients may send unencoded.
    private const string One = "/{projectId}/routes/{**name}";

    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/routes", ListAsync);
        projects.MapGet(One, GetAsync);
        projects.MapPut(One, SetAsync);
        projects.MapDelete(One, DeleteAsync);
        projects.MapPost("/{projectId}/routes/{name}/explain", ExplainAsync);
        projects.MapGet("/{projectId}/routes/{name}/report", ReportAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, RouteEditor routes) =>
        await context.RespondAsync(StatusCodes.Status200OK, new RoutesResponse((await routes.ListAsync(projectId)).ConvertAll(route => route.Value)));

    private static async Task GetAsync(HttpContext context, string projectId, string name, RouteEditor routes) =>
        await RespondAsync(context, await routes.GetAsync(projectId, Read(name)));

    private static async Task SetAsync(HttpContext context, string projectId, string name, RouteEditor routes)
    {
        var document = await context.ReadBodyAsync<RouteDocument>();
        await RespondAsync(context, await routes.SetAsync(AuditActor.Of(context), projectId, Read(name), document, Precondition.Of(context)));
    }

    private static async Task DeleteAsync(HttpContext context, string projectId, string name, RouteEditor routes)
    {
        await routes.DeleteAsync(AuditActor.Of(context), projectId, Read(name), Precondition.Of(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task ExplainAsync(HttpContext context, string projectId, string name, RouteExplainService service)
    {
        var requested = await context.ReadBodyAsync<ExplainRequest>();
        await context.RespondAsync(StatusCodes.Status200OK, await service.ExplainAsync(projectId, Read(name), requested));
    }

    private static async Task ReportAsync(HttpContext context, string projectId, string name, RouteEditor routes, RouteReports reports, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        context.Request.Query.AllowOnly("from", "to");
        await routes.GetAsync(projectId, Read(name));
        await context.RespondAsync(StatusCodes.Status200OK, await reports.ReadAsync(projectId, Read(name), from, to, context.RequestAborted));
    }

    // Kestrel leaves only %2F encoded, and no route's name contains '%'.
    private static string Read(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static Task RespondAsync(HttpContext context, Tagged<RouteView> route) => context.RespondAsync(StatusCodes.Status200OK, route.Value, route.Tag);

    private sealed record RoutesResponse(List<RouteView> Routes);
}
