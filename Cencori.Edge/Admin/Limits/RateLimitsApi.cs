using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Endpoints that read and replace the rate limits of a project or of an agent.</summary>
internal static class RateLimitsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/rate-limits", GetAsync);
        projects.MapPut("/{projectId}/rate-limits", ReplaceAsync);
        projects.MapGet("/{projectId}/agents/{agentId}/rate-limits", GetAsync);
        projects.MapPut("/{projectId}/agents/{agentId}/rate-limits", ReplaceAsync);
    }

    private static async Task GetAsync(HttpContext context, string projectId, RateLimitEditor limits)
    {
        var found = await limits.GetAsync(projectId, AgentOf(context));
        await context.RespondAsync(StatusCodes.Status200OK, found.Value, found.Tag);
    }

    private static async Task ReplaceAsync(HttpContext context, string projectId, RateLimitEditor limits)
    {
        var body = await context.ReadBodyAsync<RateLimitsReplacement>();
        var replaced = await limits.ReplaceAsync(AuditActor.Of(context), projectId, AgentOf(context), body, Precondition.Of(context));
        await context.RespondAsync(StatusCodes.Status200OK, replaced.Value, replaced.Tag);
    }

    private static string? AgentOf(HttpContext context) => (string?)context.GetRouteValue("agentId");
}
