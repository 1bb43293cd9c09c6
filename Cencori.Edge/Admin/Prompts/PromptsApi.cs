using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Prompts;

/// <summary>A project's prompts and their versions.</summary>
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
        await context.AnswerAsync(StatusCodes.Status200OK, new PromptsAnswer(await prompts.ListAsync(projectId)));

    private static async Task CreateAsync(HttpContext context, string projectId, PromptEditor prompts) =>
        await AnswerAsync(context, StatusCodes.Status201Created, await prompts.CreateAsync(AuditActor.Of(context), projectId, await context.ReadBodyAsync<NewPrompt>()));

    private static async Task GetAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts) =>
        await AnswerAsync(context, StatusCodes.Status200OK, await prompts.GetAsync(projectId, promptId));

    private static async Task DeleteAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts)
    {
        await prompts.DeleteAsync(AuditActor.Of(context), projectId, promptId, Expected.Of(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task ListVersionsAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts) =>
        await context.AnswerAsync(StatusCodes.Status200OK, new PromptVersionsAnswer(await prompts.ListVersionsAsync(projectId, promptId)));

    private static async Task AddVersionAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts)
    {
        var body = await context.ReadBodyAsync<NewPromptVersion>();
        await AnswerAsync(context, StatusCodes.Status201Created, await prompts.AddVersionAsync(AuditActor.Of(context), projectId, promptId, body));
    }

    private static async Task DeployAsync(HttpContext context, string projectId, string promptId, PromptEditor prompts)
    {
        var body = await context.ReadBodyAsync<PromptDeployment>();
        await AnswerAsync(context, StatusCodes.Status200OK, await prompts.DeployAsync(AuditActor.Of(context), projectId, promptId, body, Expected.Of(context)));
    }

    private static Task AnswerAsync(HttpContext context, int status, Tagged<PromptAnswer> prompt) => context.AnswerAsync(status, prompt.Value, prompt.Tag);

    private sealed record PromptsAnswer(List<PromptView> Prompts);

    private sealed record PromptVersionsAnswer(List<PromptVersionView> Versions);
}
