using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Logs;

/// <summary>What is kept of a project's requests, newest first, a page at a time.</summary>
internal static class LogsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/logs", ListAsync);

        // A caller may have chosen an id with slashes in it.
        projects.MapGet("/{projectId}/logs/{**requestId}", GetAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, LogReader logs)
    {
        if (!LogFilter.TryRead(context.Request.Query, out var filter, out var problem))
        {
            throw new RefusedException(problem);
        }

        await context.AnswerAsync(StatusCodes.Status200OK, await logs.ListAsync(projectId, filter, context.RequestAborted));
    }

    private static async Task GetAsync(HttpContext context, string projectId, string requestId, LogReader logs) =>
        await context.AnswerAsync(StatusCodes.Status200OK, await logs.GetAsync(AuditActor.Of(context), projectId, requestId, context.RequestAborted));
}
