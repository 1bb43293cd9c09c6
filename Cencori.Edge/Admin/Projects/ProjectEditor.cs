using System.Security.Cryptography;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Projects;

/// <summary>Lists, creates, reads, changes and deletes projects.</summary>
internal sealed class ProjectEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProviderCatalog providers, ProjectCache projects, KeyCache keys, StoredPayloads payloads, MemoryMaintenance memory, TimeProvider time)
{
    private const int MaxAliases = 1_000;
    private const int MaxSlugLength = 109;

    private static readonly EdgeError NotFound = new(ErrorKind.NotFound, "There is no such project.");

    public async Task<List<ProjectView>> ListAsync()
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await Views(database.Projects.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)).ToListAsync();
    }

    /// <summary>Lists the names of all projects, without their aliases and prices, which can be megabytes.</summary>
    public async Task<List<ProjectName>> ListNamesAsync()
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await Names(database.Projects.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)).ToListAsync();
    }

    public async Task<Tagged<ProjectView>> GetAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(await Views(database.Projects.Where(row => row.Id == projectId)).SingleOrDefaultAsync() ?? throw new RefusedException(NotFound));
    }

    /// <summary>Finds a project by the slug or id in a URL.</summary>
    /// <param name="slugOrId">Slug or id. A match by slug takes precedence.</param>
    public async Task<ProjectName> GetBySlugAsync(string slugOrId)
    {
        // A text with a null character matches no project. Databases reject such texts.
        if (slugOrId.Contains('\0', StringComparison.Ordinal))
        {
            throw new RefusedException(NotFound);
        }

        await using var database = await contexts.CreateDbContextAsync();
        return await Names(database.Projects.Where(row => row.Slug == slugOrId)).SingleOrDefaultAsync()
            ?? await Names(database.Projects.Where(row => row.Id == slugOrId)).SingleOrDefaultAsync()
            ?? throw new RefusedException(NotFound);
    }

    public async Task<Tagged<ProjectView>> CreateAsync(AuditActor actor, NewProject body)
    {
        (Checks.Name(body.Name) ?? CheckSlug(body.Slug)).ThrowIfAny();
        return Tag(await changes.MakeAsync(actor, async database =>
        {
            if (body.Slug is not null && await database.Projects.AnyAsync(row => row.Slug == body.Slug))
            {
                throw new RefusedException(new EdgeError(ErrorKind.Conflict, $"The project '{body.Slug}' exists already.") { Param = "slug" });
            }

            return database.Projects.Add(await NewProjectAsync(database, body.Name, time, body.Slug)).Entity;
        }));
    }

    public async Task<Tagged<ProjectView>> ChangeAsync(AuditActor actor, string projectId, ProjectChange change, Precondition expected)
    {
        Check(change).ThrowIfAny();
        var changed = await changes.MakeToProjectAsync(actor, projectId, async (database, project) =>
        {
            expected.Check(TagOf(project));
            (await RouteEditor.CheckAliasesAsync(database, projectId, change.ModelAliases.Value ?? [])).ThrowIfAny();
            project.Name = change.Name.Or(project.Name);
            project.DefaultModel = change.DefaultModel.Or(project.DefaultModel);
            project.DefaultProvider = change.DefaultProvider.Or(project.DefaultProvider);
            project.LogsPayloads = change.LogPayloads.Or(project.LogsPayloads);
            var aliases = change.ModelAliases.Or(project.ModelAliases) ?? [];
            project.ModelAliases = AreSame(aliases, project.ModelAliases) ? project.ModelAliases : aliases;
            return project;
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        return Tag(changed);
    }

    /// <summary>Deletes a project and its objects. Records and costs of its requests stay.</summary>
    public async Task DeleteAsync(AuditActor actor, string projectId, Precondition expected)
    {
        var hashes = await changes.MakeToProjectAsync(actor, projectId, (database, project) =>
        {
            expected.Check(TagOf(project));
            database.Projects.Remove(project);
            return database.ApiKeys.Where(row => row.ProjectId == projectId).Select(row => row.Hash).ToListAsync();
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        await changes.AfterChangeAsync(() => Task.WhenAll(hashes.Select(hash => keys.InvalidateAsync(KeyHash.From(hash)))));

        // Deletes the stored bodies. The request records stay, because they contain costs but no bodies.
        await payloads.DeleteAsync(projectId);
        memory.Wake();
    }

    /// <summary>Creates the record of a new project with default limits. Does not save.</summary>
    public static async Task<ProjectRecord> NewProjectAsync(EdgeDbContext database, string name, TimeProvider time, string? requested = null)
    {
        var slug = requested ?? Slug(name);
        if (requested is null && await database.Projects.AnyAsync(row => row.Slug == slug))
        {
            slug = WithSuffix(slug);
        }

        return new ProjectRecord
        {
            Id = Ids.New("prj"),
            Name = name,
            Slug = slug,
            RequestsPerMinute = RateLimits.Default.RequestsPerMinute,
            Burst = RateLimits.Default.Burst,
            TokensPerMinute = RateLimits.Default.TokensPerMinute,
            ConcurrentRequests = RateLimits.Default.ConcurrentRequests,
            // The time has only milliseconds, like the database, so that this response and later reads show the same time.
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
    }

    /// <exception cref="RefusedException">There is no such project.</exception>
    public static async Task<ProjectRecord> FindAsync(EdgeDbContext database, string projectId) =>
        await database.Projects.FindAsync(projectId) ?? throw new RefusedException(NotFound);

    /// <summary>Checks that the project exists, without reading it.</summary>
    /// <exception cref="RefusedException">There is no such project.</exception>
    public static async Task CheckIsThereAsync(EdgeDbContext database, string projectId)
    {
        if (!await database.Projects.AnyAsync(row => row.Id == projectId))
        {
            throw new RefusedException(NotFound);
        }
    }

    private static IQueryable<ProjectView> Views(IQueryable<ProjectRecord> rows) =>
        rows.Select(row => new ProjectView(row.Id, row.Name, row.Slug, row.DefaultModel, row.DefaultProvider, row.ModelAliases, row.LogsPayloads, row.CreatedAt));

    private static IQueryable<ProjectName> Names(IQueryable<ProjectRecord> rows) => rows.Select(row => new ProjectName(row.Id, row.Name, row.Slug, row.CreatedAt));

    // Equal aliases in another order are not written to the database, so the ETag must be the one of the stored order.
    private static bool AreSame(Dictionary<string, string> one, Dictionary<string, string> other) => one.Count == other.Count && !one.Except(other).Any();

    private static Tagged<ProjectView> Tag(ProjectRecord project) => Tag(ProjectView.Of(project));

    private static Tagged<ProjectView> Tag(ProjectView project) => new(project, EntityTags.Of(project));

    private static string TagOf(ProjectRecord project) => EntityTags.Of(ProjectView.Of(project));

    private EdgeError? Check(ProjectChange change)
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
            return EdgeError.Invalid($"A model's name must have 1 to {Checks.MaxModelLength} characters, none of them a control character.", "default_model");
        }

        var aliases = change.ModelAliases.Value ?? [];
        return aliases.Count > MaxAliases || aliases.Any(pair => !Checks.IsModel(pair.Key) || !Checks.IsModel(pair.Value))
            ? EdgeError.Invalid($"There must be at most {MaxAliases} aliases. Each name must have 1 to {Checks.MaxModelLength} characters, none of them a control character.", "model_aliases")
            : null;
    }

    // Allows the characters that a slug derived from a name can have.
    private static EdgeError? CheckSlug(string? slug) => slug is null || (slug.Length is > 0 and <= MaxSlugLength && slug.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        ? null
        : EdgeError.Invalid($"A slug must have 1 to {MaxSlugLength} characters of a-z, 0-9 and '-'.", "slug");

    private static string WithSuffix(string slug) => $"{slug}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    private static string Slug(string name)
    {
        var slug = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return slug.Length > 0 ? slug : "project";
    }
}
