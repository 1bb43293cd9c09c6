using System.Security.Cryptography;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>Projects: create, list, read, change, delete.</summary>
public static class ProjectsApi
{
    private const int MaxAliases = 1_000;

    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapPost("/", CreateAsync);
        projects.MapGet("/", ListAsync);
        projects.MapGet("/{projectId}", GetAsync);
        projects.MapPatch("/{projectId}", ChangeAsync);
        projects.MapDelete("/{projectId}", DeleteAsync);
    }

    /// <summary>A new project with the contract's default limits, not yet saved.</summary>
    public static async Task<ProjectRecord> NewProjectAsync(EdgeDbContext database, string name, TimeProvider time)
    {
        var slug = Slug(name);
        if (await database.Projects.AnyAsync(row => row.Slug == slug))
        {
            slug = WithSuffix(slug);
        }

        return new ProjectRecord
        {
            Id = NewId("prj"),
            Name = name,
            Slug = slug,
            RequestsPerMinute = RateLimits.Default.RequestsPerMinute,
            Burst = RateLimits.Default.Burst,
            TokensPerMinute = RateLimits.Default.TokensPerMinute,
            ConcurrentRequests = RateLimits.Default.ConcurrentRequests,
            // As it is stored, so that it is read as it was made.
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
    }

    public static string NewId(string prefix) => $"{prefix}_{Guid.CreateVersion7():N}";

    /// <summary>The project, or a refused request and null.</summary>
    public static async Task<ProjectRecord?> FindAsync(HttpContext context, EdgeDbContext database, string projectId)
    {
        if (await database.Projects.FindAsync(projectId) is { } project)
        {
            return project;
        }

        await context.Refuse(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        return null;
    }

    private static async Task CreateAsync(HttpContext context, Changes changes, TimeProvider time)
    {
        if (await context.ReadBodyAsync<NewProject>() is not { } body)
        {
            return;
        }

        if (Checks.Name(body.Name) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        var project = await changes.MakeAsync(AuditActor.Of(context), async database => database.Projects.Add(await NewProjectAsync(database, body.Name, time)).Entity);
        await AnswerAsync(context, StatusCodes.Status201Created, project!);
    }

    private static async Task ListAsync(HttpContext context, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        var projects = await database.Projects.AsNoTracking().OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync();
        await context.AnswerAsync(StatusCodes.Status200OK, new ProjectsAnswer(projects.ConvertAll(ProjectView.Of)));
    }

    private static async Task GetAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await FindAsync(context, database, projectId) is { } project)
        {
            await AnswerAsync(context, StatusCodes.Status200OK, project);
        }
    }

    private static async Task ChangeAsync(
        HttpContext context, string projectId, Changes changes, ProviderCatalog providers, ProjectCache cache)
    {
        if (await context.ReadBodyAsync<ProjectChange>() is not { } change)
        {
            return;
        }

        if (Check(change, providers) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        var changed = await changes.MakeToProjectAsync(context, projectId, async (_, project) =>
        {
            if (!await context.ExpectsAsync(TagOf(project)))
            {
                return null;
            }

            project.Name = change.Name.Or(project.Name);
            project.DefaultModel = change.DefaultModel.Or(project.DefaultModel);
            project.DefaultProvider = change.DefaultProvider.Or(project.DefaultProvider);
            project.LogsPayloads = change.LogPayloads.Or(project.LogsPayloads);
            project.ModelAliases = change.ModelAliases.Or(project.ModelAliases) ?? [];
            return project;
        });
        if (changed is not null)
        {
            await cache.InvalidateAsync(projectId);
            await AnswerAsync(context, StatusCodes.Status200OK, changed);
        }
    }

    private static async Task DeleteAsync(
        HttpContext context, string projectId, Changes changes, IDbContextFactory<EdgeDbContext> contexts, ProjectCache projects, KeyCache keys)
    {
        var hashes = await changes.MakeToProjectAsync(context, projectId, async (database, project) =>
        {
            if (!await context.ExpectsAsync(TagOf(project)))
            {
                return null;
            }

            database.Projects.Remove(project);
            return await database.ApiKeys.Where(row => row.ProjectId == projectId).Select(row => row.Hash).ToListAsync();
        });
        if (hashes is null)
        {
            return;
        }

        await projects.InvalidateAsync(projectId);
        await Task.WhenAll(hashes.Select(hash => keys.InvalidateAsync(KeyHash.From(hash))));

        // The records stay: they say what was spent, and not what was said.
        await using var database = await contexts.CreateDbContextAsync();
        await database.Payloads.Where(row => row.ProjectId == projectId).ExecuteDeleteAsync();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task AnswerAsync(HttpContext context, int status, ProjectRecord project) =>
        context.AnswerAsync(status, new ProjectAnswer(ProjectView.Of(project)), TagOf(project));

    private static string TagOf(ProjectRecord project) => EntityTags.Of(ProjectView.Of(project));

    private static EdgeError? Check(ProjectChange change, ProviderCatalog providers)
    {
        if (change.Name.IsPresent && Checks.Name(change.Name.Value) is { } problem)
        {
            return problem;
        }

        if (change.DefaultProvider is { IsPresent: true, Value: { } provider } && providers.Find(provider) is null)
        {
            return EdgeError.Invalid($"There is no provider '{provider}'.", "default_provider");
        }

        if (change.DefaultModel is { IsPresent: true, Value: { } model } && !Checks.IsModel(model))
        {
            return EdgeError.Invalid("A model's name has 1 to 256 characters.", "default_model");
        }

        var aliases = change.ModelAliases.Value ?? [];
        return aliases.Count > MaxAliases || aliases.Any(pair => !Checks.IsModel(pair.Key) || !Checks.IsModel(pair.Value))
            ? EdgeError.Invalid($"At most {MaxAliases} aliases; names of 1 to {Checks.MaxModelLength} characters, none of them a control character.", "model_aliases")
            : null;
    }

    private static string WithSuffix(string slug) => $"{slug}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    private static string Slug(string name)
    {
        var slug = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return slug.Length > 0 ? slug : "project";
    }

    private sealed record NewProject(string Name);

    private sealed record ProjectChange
    {
        public PatchField<string> Name { get; init; }

        public PatchField<string?> DefaultModel { get; init; }

        public PatchField<string?> DefaultProvider { get; init; }

        public PatchField<Dictionary<string, string>?> ModelAliases { get; init; }

        public PatchField<bool> LogPayloads { get; init; }
    }

    private sealed record ProjectView(
        string Id, string Name, string Slug, string? DefaultModel, string? DefaultProvider, Dictionary<string, string> ModelAliases, bool LogPayloads, DateTimeOffset CreatedAt)
    {
        public static ProjectView Of(ProjectRecord row) =>
            new(row.Id, row.Name, row.Slug, row.DefaultModel, row.DefaultProvider, row.ModelAliases, row.LogsPayloads, row.CreatedAt);
    }

    private sealed record ProjectAnswer(ProjectView Project);

    private sealed record ProjectsAnswer(List<ProjectView> Projects);
}
