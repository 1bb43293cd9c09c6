using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Prompts;

/// <summary>Endpoints for a project's prompts and their versions.</summary>
internal static class PromptsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/prompts", ListAsync);
        projects.MapPost("/{projectId}/prompts", CreateAsync);
        projects.MapGet("/{projectId}/prompts/{promptId}", GetAsync);
        projects.MapDelete("/{projectId}/prompts/{promptId}", DeleteAsync);
        projects.MapGet("/{projectId}/prompts/{promptId}/versions", ListVersionsAsync);
        projects.MapPost("/{projectId}/prompts/{promptId}/versions", AddVersionAsync);
        projects.MapPost("/{projectId}/prompts/{promptId}/deploy", DeployAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, PromptEditor prompts) =>
        await context.RespondAsync(StatusCodes.Status200OK, new PromptsResponse(await prompts.ListAsync(projectId)));

    private static async Task CreateAsync(HttpContext context, string projectId, PromptEditor prompts) =>
        await RespondAsync(context, StatusCodes.Status201Created, await prompts.CreateAsync(AuditActor.Of(context), projectId, await context.ReadBodyAsync<NewPrompt>()));

    private static async Task GetAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts) =>
        await RespondAsync(context, StatusCodes.Status200OK, await prompts.GetAsync(projectId, promptId));

    private static async Task DeleteAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts)
    {
        await prompts.DeleteAsync(AuditActor.Of(context), projectId, promptId, Precondition.Of(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task ListVersionsAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts) =>
        await context.RespondAsync(StatusCodes.Status200OK, new PromptVersionsResponse(await prompts.ListVersionsAsync(projectId, promptId)));

    private static async Task AddVersionAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts)
    {
        var body = await context.ReadBodyAsync<NewPromptVersion>();
        await RespondAsync(context, StatusCodes.Status201Created, await prompts.AddVersionAsync(AuditActor.Of(context), projectId, promptId, body));
    }

    private static async Task DeployAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts)
    {
        var body = await context.ReadBodyAsync<PromptDeployment>();
        await RespondAsync(context, StatusCodes.Status200OK, await prompts.DeployAsync(AuditActor.Of(context), projectId, promptId, body, Precondition.Of(context)));
    }

    private static Task RespondAsync(HttpContext context, int status, Tagged<PromptResponse> prompt) => context.RespondAsync(status, prompt.Value, prompt.Tag);

    private sealed record PromptsResponse(List<PromptView> Prompts);

    private sealed record PromptVersionsResponse(List<PromptVersionView> Versions);
}
