using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Prompts;

/// <summary>Lists, creates, reads and deletes a project's prompts. Adds versions, which never change, and selects the active one.</summary>
internal sealed class PromptEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects, TimeProvider time)
{
    // Maximum number of prompts of a project. All active versions of a project are in memory while the project is in use.
    private const int MaxPrompts = 500;
    private const int MaxVersions = 1_000;

    public async Task<List<PromptView>> ListAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var rows = await database.Prompts.AsNoTracking().Where(row => row.ProjectId == projectId)
            .Join(database.PromptVersions, row => row.ActiveVersionId, version => version.Id, (prompt, version) => new { Prompt = prompt, version.Version })
            .OrderBy(row => row.Prompt.CreatedAt).ThenBy(row => row.Prompt.Id).ToListAsync();
        return rows.ConvertAll(row => PromptView.Of(row.Prompt, row.Version));
    }

    /// <summary>Lists prompts, each with its active version and ETag.</summary>
    public async Task<List<Tagged<PromptResponse>>> ListTaggedAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        var rows = await database.Prompts.AsNoTracking().Where(row => row.ProjectId == projectId)
            .Join(database.PromptVersions, row => row.ActiveVersionId, version => version.Id, (prompt, version) => new { Prompt = prompt, Version = version })
            .OrderBy(row => row.Prompt.CreatedAt).ThenBy(row => row.Prompt.Id).ToListAsync();
        return rows.ConvertAll(row => Tag(row.Prompt, row.Version, row.Version.Version));
    }

    /// <summary>Reads a prompt with its active version.</summary>
    public async Task<Tagged<PromptResponse>> GetAsync(string projectId, string promptId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        var prompt = await FindAsync(database, projectId, promptId);
        var active = await ActiveAsync(database, prompt);
        return Tag(prompt, active, active.Version);
    }

    /// <summary>Creates a prompt with a first version, which becomes active.</summary>
    public async Task<Tagged<PromptResponse>> CreateAsync(AuditActor actor, string projectId, NewPrompt body)
    {
        body.Check().ThrowIfAny();
        var version = body.Make(Ids.New("pmt"), version: 1, time);
        var prompt = new PromptRecord
        {
            Id = version.PromptId,
            ProjectId = projectId,
            Name = body.Name,
            Description = body.Description,
            ActiveVersionId = version.Id,
            CreatedAt = version.CreatedAt,
        };
        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            if (await database.Prompts.AnyAsync(row => row.ProjectId == projectId && row.Name == body.Name))
            {
                throw new RefusedException(new EdgeError(ErrorKind.Conflict, $"The prompt '{body.Name}' exists already in this project. Add a version to it.") { Param = "name" });
            }

            if (await database.Prompts.CountAsync(row => row.ProjectId == projectId) >= MaxPrompts)
            {
                throw new RefusedException(EdgeError.Invalid($"A project can have at most {MaxPrompts} prompts. Delete a prompt first."));
            }

            database.PromptVersions.Add(version);
            return database.Prompts.Add(prompt).Entity;
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        return Tag(prompt, version, version.Version);
    }

    public async Task DeleteAsync(AuditActor actor, string projectId, string promptId, Precondition expected)
    {
        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var prompt = await FindAsync(database, projectId, promptId);
            expected.Check(TagOf(prompt));
            return database.Prompts.Remove(prompt).Entity;
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
    }

    /// <returns>All versions of the prompt, oldest first.</returns>
    public async Task<List<PromptVersionView>> ListVersionsAsync(string projectId, string promptId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await FindAsync(database, projectId, promptId);
        var versions = await database.PromptVersions.AsNoTracking().Where(row => row.PromptId == promptId).OrderBy(row => row.Version).ToListAsync();
        return versions.ConvertAll(PromptVersionView.Of);
    }

    /// <summary>Lists versions without their texts, which are large.</summary>
    /// <returns>All versions of the prompt, newest first.</returns>
    public async Task<List<PromptVersionLine>> ListVersionLinesAsync(string projectId, string promptId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await FindAsync(database, projectId, promptId);
        return await database.PromptVersions.Where(row => row.PromptId == promptId).OrderByDescending(row => row.Version)
            .Select(row => new PromptVersionLine(row.Id, row.Version, row.ChangeMessage, row.CreatedAt)).ToListAsync();
    }

    /// <summary>Reads the versions with these numbers. Skips numbers that do not exist.</summary>
    public async Task<List<PromptVersionView>> GetVersionsAsync(string projectId, string promptId, params IReadOnlyList<int> numbers)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await FindAsync(database, projectId, promptId);
        var versions = await database.PromptVersions.AsNoTracking().Where(row => row.PromptId == promptId && numbers.Contains(row.Version)).ToListAsync();
        return versions.ConvertAll(PromptVersionView.Of);
    }

    /// <summary>Adds a version. It is not active until it is deployed.</summary>
    public Task<Tagged<PromptResponse>> AddVersionAsync(AuditActor actor, string projectId, string promptId, NewPromptVersion body) =>
        changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var prompt = await FindAsync(database, projectId, promptId);
            var last = await database.PromptVersions.Where(row => row.PromptId == promptId).MaxAsync(row => row.Version);
            if (last >= MaxVersions)
            {
                throw new RefusedException(EdgeError.Invalid($"A prompt can have at most {MaxVersions} versions. Create another prompt."));
            }

            var version = body.Make(promptId, last + 1, time);
            database.PromptVersions.Add(version);
            return Tag(prompt, version, (await ActiveAsync(database, prompt)).Version);
        });

    /// <summary>Makes a version active.</summary>
    public async Task<Tagged<PromptResponse>> DeployAsync(AuditActor actor, string projectId, string promptId, PromptDeployment body, Precondition expected)
    {
        var deployed = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var prompt = await FindAsync(database, projectId, promptId);
            expected.Check(TagOf(prompt));

            // An id with a null character matches no version. PostgreSQL rejects such texts.
            if (body.VersionId.Contains('\0', StringComparison.Ordinal)
                || await database.PromptVersions.SingleOrDefaultAsync(row => row.Id == body.VersionId && row.PromptId == promptId) is not { } version)
            {
                throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such version of this prompt.") { Param = "version_id" });
            }

            prompt.ActiveVersionId = version.Id;
            return Tag(prompt, version, version.Version);
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        return deployed;
    }

    private static Tagged<PromptResponse> Tag(PromptRecord prompt, PromptVersionRecord version, int activeVersion) =>
        new(new(PromptView.Of(prompt, activeVersion), PromptVersionView.Of(version)), TagOf(prompt));

    private static string TagOf(PromptRecord prompt) => EntityTags.Of(new { prompt.Name, prompt.Description, prompt.ActiveVersionId });

    private static Task<PromptVersionRecord> ActiveAsync(EdgeDbContext database, PromptRecord prompt) =>
        database.PromptVersions.AsNoTracking().SingleAsync(row => row.Id == prompt.ActiveVersionId);

    private static async Task<PromptRecord> FindAsync(EdgeDbContext database, string projectId, string promptId) =>
        await database.Prompts.SingleOrDefaultAsync(row => row.Id == promptId && row.ProjectId == projectId)
        ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such prompt in this project."));
}
