namespace Cencori.Edge.Admin.Limits;

/// <summary>Endpoint that lists a project's unfinished background work at providers.</summary>
internal static class PendingWorkApi
{
    public static void Map(RouteGroupBuilder projects) => projects.MapGet("/{projectId}/open-work", ListAsync);

    private static async Task ListAsync(HttpContext context, string projectId, PendingWork work) =>
        await context.RespondAsync(StatusCodes.Status200OK, new PendingWorkResponse(await work.ListAsync(projectId, context.RequestAborted)));

    private sealed record PendingWorkResponse(List<PendingWorkView> Data);
}
