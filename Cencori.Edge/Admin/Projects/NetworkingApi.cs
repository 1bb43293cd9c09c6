using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Projects;

/// <summary>Endpoints that read and replace the networks from which a project's keys may be used.</summary>
internal static class NetworkingApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/networking", GetAsync);
        projects.MapPut("/{projectId}/networking", ReplaceAsync);
    }

    private static async Task GetAsync(HttpContext context, string projectId, NetworkEditor networks) => await RespondAsync(context, await networks.GetAsync(projectId));

    private static async Task ReplaceAsync(HttpContext context, string projectId, NetworkEditor networks)
    {
        var body = await context.ReadBodyAsync<NetworkingReplacement>();
        await RespondAsync(context, await networks.ReplaceAsync(AuditActor.Of(context), projectId, body, Precondition.Of(context)));
    }

    private static Task RespondAsync(HttpContext context, Tagged<NetworkingView> found) => context.RespondAsync(StatusCodes.Status200OK, found.Value, found.Tag);
}
