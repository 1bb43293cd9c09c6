using System.Text.Json;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Agents;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Keys;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Admin.Agents;

/// <summary>Endpoints for agents: in the administration API, and below <c>/v1</c> for the project's secret keys.</summary>
internal static class AgentsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/agents", ListAsync);
        projects.MapPost("/{projectId}/agents", CreateAsync);
        projects.MapGet("/{projectId}/agents/{agentId}", GetAsync);
        projects.MapPatch("/{projectId}/agents/{agentId}", ChangeAsync);
        projects.MapDelete("/{projectId}/agents/{agentId}", DeleteAsync);
        projects.MapPost("/{projectId}/agents/{agentId}/keys", CreateKeyAsync);
    }

    public static void MapAgents(this IEndpointRouteBuilder endpoints)
    {
        var agents = endpoints.MapGroup("/v1/agents").RequireAuthorization(AccessPolicy.DataPlane).WithMetadata(new AgentChangesMetadata()).AddEndpointFilter(LimitAsync);
        agents.MapGet("/", (HttpContext context, AgentEditor agents) => ListAsync(context, ProjectOf(context), agents));
        agents.MapPost("/", (HttpContext context, AgentEditor agents) => CreateAsync(context, ProjectOf(context), agents));
        agents.MapGet("/{agentId}", (HttpContext context, string agentId, AgentEditor agents) => GetAsync(context, ProjectOf(context), agentId, agents));
        agents.MapPatch("/{agentId}", (HttpContext context, string agentId, AgentEditor agents) => ChangeAsync(context, ProjectOf(context), agentId, agents));
        agents.MapDelete("/{agentId}", DeleteOwnAsync);
        agents.MapPost("/{agentId}/keys", CreateOwnKeyAsync);
    }

    private static string ProjectOf(HttpContext context) => context.GetCaller()!.Project.Id;

    private static async Task ListAsync(HttpContext context, string projectId, AgentEditor agents) =>
        await context.RespondAsync(StatusCodes.Status200OK, new AgentsResponse(await agents.ListAsync(projectId)));

    private static async Task CreateAsync(HttpContext context, string projectId, AgentEditor agents)
    {
        var body = await context.ReadBodyAsync<NewAgent>();
        await RespondAsync(context, StatusCodes.Status201Created, await agents.CreateAsync(AuditActor.Of(context), projectId, body, context.GetCaller()));
    }

    private static async Task GetAsync(HttpContext context, string projectId, string agentId, AgentEditor agents) =>
        await RespondAsync(context, StatusCodes.Status200OK, await agents.GetAsync(projectId, agentId));

    private static async Task ChangeAsync(HttpContext context, string projectId, string agentId, AgentEditor agents)
    {
        var change = await context.ReadBodyAsync<AgentChange>();
        await RespondAsync(
            context, StatusCodes.Status200OK, await agents.ChangeAsync(AuditActor.Of(context), projectId, agentId, change, Precondition.Of(context), context.GetCaller()));
    }

    private static async Task DeleteAsync(HttpContext context, string projectId, string agentId, AgentEditor agents)
    {
        await agents.DeleteAsync(AuditActor.Of(context), projectId, agentId, Precondition.Of(context), context.GetCaller());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Responds with a body, because Cencori's Python client parses every response as JSON and would fail at a 204.
    private static async Task DeleteOwnAsync(HttpContext context, string agentId, AgentEditor agents)
    {
        await agents.DeleteAsync(AuditActor.Of(context), ProjectOf(context), agentId, Precondition.Of(context), context.GetCaller());
        await context.RespondAsync(StatusCodes.Status200OK, new DeletedAgent(agentId, Deleted: true));
    }

    private static async Task CreateKeyAsync(HttpContext context, string projectId, string agentId, AgentEditor agents) =>
        await context.RespondAsync(StatusCodes.Status201Created, new ApiKeyResponse(await MakeKeyAsync(context, projectId, agentId, agents)));

    // Responds with full_key at the top level too, because Cencori's clients read it there.
    private static async Task CreateOwnKeyAsync(HttpContext context, string agentId, AgentEditor agents)
    {
        var key = await MakeKeyAsync(context, ProjectOf(context), agentId, agents);
        var response = JsonSerializer.SerializeToNode(key, AdminJson.Options)!.AsObject();
        response["apiKey"] = response.DeepClone();
        await context.RespondAsync(StatusCodes.Status201Created, response);
    }

    private static async Task<ApiKeyView> MakeKeyAsync(HttpContext context, string projectId, string agentId, AgentEditor agents)
    {
        var body = await context.ReadBodyIfAnyAsync<NewAgentKey>();
        return await agents.CreateKeyAsync(AuditActor.Of(context), projectId, agentId, body, context.GetCaller());
    }

    private static Task RespondAsync(HttpContext context, int status, Tagged<AgentView> agent) => context.RespondAsync(status, agent.Value, agent.Tag);

    // Project keys can call these endpoints, so the project's rate limits apply.
    private static async ValueTask<object?> LimitAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var services = context.RequestServices;
        if (!await services.GetRequiredService<RequestLimiter>().TryAcquireAsync(context, context.GetCaller()!.Project, tokens: 0))
        {
            return Results.Empty;
        }

        context.Response.Headers.CacheControl = "no-store";
        return await services.GetRequiredService<StorageFailureHandler>().GuardAsync(context, () => next(invocation)) ?? Results.Empty;
    }

    private sealed record AgentsResponse(List<AgentView> Data);

    private sealed record DeletedAgent(string Id, bool Deleted);
}
