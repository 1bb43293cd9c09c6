using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>A project's prompts: create, list, read, delete; add versions, which never change, and say which of them is active.</summary>
public static class PromptsApi
{
    // All active versions of a project are held in memory while it is used.
    private const int MaxPrompts = 500;
    private const int MaxVersions = 1_000;

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

    private static async Task ListAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return;
        }

        var rows = await database.Prompts.AsNoTracking().Where(row => row.ProjectId == projectId)
            .Join(database.PromptVersions, row => row.ActiveVersionId, version => version.Id, (prompt, version) => new { Prompt = prompt, version.Version })
            .OrderBy(row => row.Prompt.CreatedAt).ThenBy(row => row.Prompt.Id).ToListAsync();
        await context.AnswerAsync(StatusCodes.Status200OK, new PromptsAnswer(rows.ConvertAll(row => PromptView.Of(row.Prompt, row.Version))));
    }

    private static async Task CreateAsync(HttpContext context, string projectId, Changes changes, ProjectCache projects, TimeProvider time)
    {
        if (await context.ReadBodyAsync<NewPrompt>() is not { } body)
        {
            return;
        }

        var id = ProjectsApi.NewId("pmt");
        var problem = body.Check();
        if (problem is not null || body.TryMake(id, version: 1, time, out problem) is not { } version)
        {
            await context.Refuse(problem!);
            return;
        }

        var prompt = new PromptRecord { Id = id, ProjectId = projectId, Name = body.Name, Description = body.Description, ActiveVersionId = version.Id, CreatedAt = version.CreatedAt };
        var made = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            var refusal = await database.Prompts.AnyAsync(row => row.ProjectId == projectId && row.Name == body.Name)
                    ? new EdgeError(ErrorKind.Conflict, $"There is a prompt '{body.Name}' in this project. Add a version to it.") { Param = "name" }
                : await database.Prompts.CountAsync(row => row.ProjectId == projectId) >= MaxPrompts ? EdgeError.Invalid($"A project has at most {MaxPrompts} prompts.")
                : null;
            if (refusal is not null)
            {
                await context.Refuse(refusal);
                return null;
            }

            database.PromptVersions.Add(version);
            return database.Prompts.Add(prompt).Entity;
        });
        if (made is not null)
        {
            await projects.InvalidateAsync(projectId);
            await AnswerAsync(context, StatusCodes.Status201Created, prompt, version, version.Version);
        }
    }

    private static async Task GetAsync(HttpContext context, string projectId, string promptId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await FindAsync(context, database, projectId, promptId) is { } prompt)
        {
            var active = await ActiveAsync(database, prompt);
            await AnswerAsync(context, StatusCodes.Status200OK, prompt, active, active.Version);
        }
    }

    private static async Task DeleteAsync(HttpContext context, string projectId, string promptId, Changes changes, ProjectCache projects)
    {
        var deleted = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await FindAsync(context, database, projectId, promptId) is not { } prompt || !await context.ExpectsAsync(TagOf(prompt)))
            {
                return null;
            }

            database.Prompts.Remove(prompt);
            return prompt;
        });
        if (deleted is not null)
        {
            await projects.InvalidateAsync(projectId);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private static async Task ListVersionsAsync(HttpContext context, string projectId, string promptId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await FindAsync(context, database, projectId, promptId) is not null)
        {
            var versions = await database.PromptVersions.AsNoTracking().Where(row => row.PromptId == promptId).OrderBy(row => row.Version).ToListAsync();
            await context.AnswerAsync(StatusCodes.Status200OK, new PromptVersionsAnswer(versions.ConvertAll(PromptVersionView.Of)));
        }
    }

    private static async Task AddVersionAsync(HttpContext context, string projectId, string promptId, Changes changes, TimeProvider time)
    {
        if (await context.ReadBodyAsync<NewPromptVersion>() is not { } body)
        {
            return;
        }

        var added = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await FindAsync(context, database, projectId, promptId) is not { } prompt)
            {
                return null;
            }

            var last = await database.PromptVersions.Where(row => row.PromptId == promptId).MaxAsync(row => row.Version);
            EdgeError? problem = last >= MaxVersions ? EdgeError.Invalid($"A prompt has at most {MaxVersions} versions. Create another prompt.") : null;
            if (problem is not null || body.TryMake(promptId, last + 1, time, out problem) is not { } version)
            {
                await context.Refuse(problem!);
                return null;
            }

            database.PromptVersions.Add(version);
            return new Deployed(prompt, version, (await ActiveAsync(database, prompt)).Version);
        });
        if (added is not null)
        {
            await AnswerAsync(context, StatusCodes.Status201Created, added.Prompt, added.Version, added.ActiveVersion);
        }
    }

    private static async Task DeployAsync(HttpContext context, string projectId, string promptId, Changes changes, ProjectCache projects)
    {
        if (await context.ReadBodyAsync<PromptDeployment>() is not { } body)
        {
            return;
        }

        var deployed = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await FindAsync(context, database, projectId, promptId) is not { } prompt || !await context.ExpectsAsync(TagOf(prompt)))
            {
                return null;
            }

            // PostgreSQL cannot be asked for a null character.
            if (body.VersionId.Contains('\0', StringComparison.Ordinal)
                || await database.PromptVersions.SingleOrDefaultAsync(row => row.Id == body.VersionId && row.PromptId == promptId) is not { } version)
            {
                await context.Refuse(new EdgeError(ErrorKind.NotFound, "There is no such version of this prompt.") { Param = "version_id" });
                return null;
            }

            prompt.ActiveVersionId = version.Id;
            return new Deployed(prompt, version, version.Version);
        });
        if (deployed is not null)
        {
            await projects.InvalidateAsync(projectId);
            await AnswerAsync(context, StatusCodes.Status200OK, deployed.Prompt, deployed.Version, deployed.ActiveVersion);
        }
    }

    private static Task AnswerAsync(HttpContext context, int status, PromptRecord prompt, PromptVersionRecord version, int activeVersion) => context.AnswerAsync(
        status, new PromptAnswer(PromptView.Of(prompt, activeVersion), PromptVersionView.Of(version)), TagOf(prompt));

    private static string TagOf(PromptRecord prompt) => EntityTags.Of(new { prompt.Name, prompt.Description, prompt.ActiveVersionId });

    private static Task<PromptVersionRecord> ActiveAsync(EdgeDbContext database, PromptRecord prompt) =>
        database.PromptVersions.AsNoTracking().SingleAsync(row => row.Id == prompt.ActiveVersionId);

    private static async Task<PromptRecord?> FindAsync(HttpContext context, EdgeDbContext database, string projectId, string promptId)
    {
        if (await database.Prompts.SingleOrDefaultAsync(row => row.Id == promptId && row.ProjectId == projectId) is { } row)
        {
            return row;
        }

        await context.Refuse(new EdgeError(ErrorKind.NotFound, "There is no such prompt in this project."));
        return null;
    }

    private sealed record Deployed(PromptRecord Prompt, PromptVersionRecord Version, int ActiveVersion);
}
