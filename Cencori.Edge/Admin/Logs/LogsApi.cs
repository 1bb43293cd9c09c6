using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Endpoints for records of a project's requests, newest first, in pages.</summary>
internal static class LogsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/logs", ListAsync);

        // The route parameter may contain slashes, because callers can choose request ids with slashes.
        projects.MapGet("/{projectId}/logs/{**requestId}", GetAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, LogReader logs)
    {
        var query = LogQuery.Read(context.Request.Query);
        if (query.Problems is [var problem, ..])
        {
            throw new RefusedException(Errors.EdgeError.Invalid($"{problem.Name} {problem.Rule}.", problem.Name));
        }

        await context.RespondAsync(StatusCodes.Status200OK, await logs.ListAsync(projectId, query, context.RequestAborted));
    }

    private static async Task GetAsync(HttpContext context, string projectId, string requestId, LogReader logs) =>
        await context.RespondAsync(StatusCodes.Status200OK, await logs.GetAsync(AuditActor.Of(context), projectId, requestId, context.RequestAborted));
}
