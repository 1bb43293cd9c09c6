namespace Cencori.Edge.Admin.Limits;

/// <summary>Endpoint that compares all stored totals of a project's cost in a month: they must agree with each other.</summary>
internal static class VerifyApi
{
    public static void Map(RouteGroupBuilder projects) => projects.MapGet("/{projectId}/verify", VerifyAsync);

    private static async Task VerifyAsync(HttpContext context, string projectId, MonthCheck check, string? month = null)
    {
        context.Request.Query.AllowOnly("month");
        await context.RespondAsync(StatusCodes.Status200OK, await check.RunAsync(projectId, month, context.RequestAborted));
    }
}
