namespace Cencori.Edge.Admin.Limits;

/// <summary>Endpoint that lists work that providers have started and that is paid later.</summary>
internal static class OpenWorkApi
{
    public static void Map(RouteGroupBuilder projects) => projects.MapGet("/{projectId}/open-work", ListAsync);

    private static async Task ListAsync(HttpContext context, string projectId, OpenWork work) =>
        await context.RespondAsync(StatusCodes.Status200OK, new OpenWorkResponse(await work.ListAsync(projectId, context.RequestAborted)));

    private sealed record OpenWorkResponse(List<OpenWorkView> Data);
}
