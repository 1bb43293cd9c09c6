namespace Cencori.Edge.Admin.Limits;

/// <summary>Whether everything that counts a project's money in a month has come to the same.</summary>
internal static class VerifyApi
{
    public static void Map(RouteGroupBuilder projects) => projects.MapGet("/{projectId}/verify", VerifyAsync);

    private static async Task VerifyAsync(HttpContext context, string projectId, MonthCheck check, string? month = null) =>
        await context.RespondAsync(StatusCodes.Status200OK, await check.RunAsync(projectId, month, context.RequestAborted));
}
