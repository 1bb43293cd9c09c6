using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Providers;

/// <summary>
/// Endpoints for a project's credentials in cool-down and its stopped canaries. One lists them. The other ends the cool-down of a credential, and
/// restarts the stopped canaries that use the credential.
/// </summary>
internal static class TargetsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/targets", ListAsync);
        projects.MapPost("/{projectId}/targets/{credentialId}/reset", ResetAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, TargetStatusService targets) =>
        await context.RespondAsync(StatusCodes.Status200OK, new TargetsResponse(await targets.ListAsync(projectId)));

    private static async Task ResetAsync(HttpContext context, string projectId, string credentialId, TargetStatusService targets)
    {
        await targets.ResetAsync(AuditActor.Of(context), projectId, credentialId);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private sealed record TargetsResponse(List<TargetView> Targets);
}
