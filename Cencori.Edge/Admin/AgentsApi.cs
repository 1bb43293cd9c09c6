using System.Text.Json;
using Cencori.Edge.Agents;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Keys;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Admin;

/// <summary>Agents, in the administration and, for secret keys of the project, below <c>/v1</c>.</summary>
public static class AgentsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/agents", (HttpContext context, string projectId, AgentEditor agents) => agents.ListAsync(context, projectId));
        projects.MapPost("/{projectId}/agents", (HttpContext context, string projectId, AgentEditor agents) => agents.CreateAsync(context, projectId));
        projects.MapGet("/{projectId}/agents/{agentId}", (HttpContext context, string projectId, string agentId, AgentEditor agents) => agents.GetAsync(context, projectId, agentId));
        projects.MapPatch("/{projectId}/agents/{agentId}", (HttpContext context, string projectId, string agentId, AgentEditor agents) => agents.ChangeAsync(context, projectId, agentId));
        projects.MapDelete("/{projectId}/agents/{agentId}", DeleteAsync);
        projects.MapPost("/{projectId}/agents/{agentId}/keys", CreateKeyAsync);
    }

    public static void MapAgents(this IEndpointRouteBuilder endpoints)
    {
        var agents = endpoints.MapGroup("/v1/agents").RequireAuthorization(AccessPolicy.DataPlane).WithMetadata(new AgentsAreChanged()).AddEndpointFilter(LimitAsync);
        agents.MapGet("/", (HttpContext context, AgentEditor agents) => agents.ListAsync(context, ProjectOf(context)));
        agents.MapPost("/", (HttpContext context, AgentEditor agents) => agents.CreateAsync(context, ProjectOf(context)));
        agents.MapGet("/{agentId}", (HttpContext context, string agentId, AgentEditor agents) => agents.GetAsync(context, ProjectOf(context), agentId));
        agents.MapPatch("/{agentId}", (HttpContext context, string agentId, AgentEditor agents) => agents.ChangeAsync(context, ProjectOf(context), agentId));
        agents.MapDelete("/{agentId}", DeleteOwnAsync);
        agents.MapPost("/{agentId}/keys", CreateOwnKeyAsync);
    }

    private static string ProjectOf(HttpContext context) => context.GetCaller()!.Project.Id;

    private static async Task DeleteAsync(HttpContext context, string projectId, string agentId, AgentEditor agents)
    {
        if (await agents.DeleteAsync(context, projectId, agentId))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    // Cencori's client for Python reads every answer as JSON.
    private static async Task DeleteOwnAsync(HttpContext context, string agentId, AgentEditor agents)
    {
        if (await agents.DeleteAsync(context, ProjectOf(context), agentId))
        {
            await context.AnswerAsync(StatusCodes.Status200OK, new DeletedAgent(agentId, Deleted: true));
        }
    }

    private static async Task CreateKeyAsync(HttpContext context, string projectId, string agentId, AgentEditor agents)
    {
        if (await agents.CreateKeyAsync(context, projectId, agentId) is { } key)
        {
            await context.AnswerAsync(StatusCodes.Status201Created, new ApiKeyAnswer(key));
        }
    }

    // Cencori's own clients look for the key at the top.
    private static async Task CreateOwnKeyAsync(HttpContext context, string agentId, AgentEditor agents)
    {
        if (await agents.CreateKeyAsync(context, ProjectOf(context), agentId) is { } key)
        {
            var answer = JsonSerializer.SerializeToNode(key, AdminJson.Options)!.AsObject();
            answer["apiKey"] = answer.DeepClone();
            await context.AnswerAsync(StatusCodes.Status201Created, answer);
        }
    }

    private sealed record DeletedAgent(string Id, bool Deleted);

    // A project's own keys reach it, as often as they like.
    private static async ValueTask<object?> LimitAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var services = context.RequestServices;
        if (!await services.GetRequiredService<RequestLimiter>().TryAcquireAsync(context, context.GetCaller()!.Project, tokens: 0))
        {
            return null;
        }

        context.Response.Headers.CacheControl = "no-store";
        return await services.GetRequiredService<StorageTrouble>().GuardAsync(context, () => next(invocation));
    }
}
