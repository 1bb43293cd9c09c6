using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Routes;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Lists, reads, replaces and deletes a project's routes.</summary>
internal sealed class RouteEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProviderCatalog providers, ProjectCache projects, Canaries canaries, TimeProvider time)
{
    private const int MaxRoutes = 100;

    /// <summary>Lists routes by name, each with its ETag.</summary>
    public async Task<List<Tagged<RouteView>>> ListAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var rows = await database.Routes.AsNoTracking().Where(row => row.ProjectId == projectId).ToListAsync();
        var credentials = rows.Count == 0 ? [] : await CredentialsAsync(database, projectId);
        return [.. rows.OrderBy(row => row.Name, StringComparer.Ordinal).Select(row => Tag(row, credentials))];
    }

    /// <exception cref="RefusedException">There is no such route.</exception>
    public async Task<Tagged<RouteView>> GetAsync(string projectId, string name)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        return Tag(await FindAsync(database, projectId, name) ?? throw RouteNotFound(), await CredentialsAsync(database, projectId));
    }

    /// <summary>Creates or replaces the route of this name.</summary>
    /// <param name="actor">Who makes the change.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="name">The route's name.</param>
    /// <param name="document">The whole route. Absent members take their defaults.</param>
    /// <param name="expected">The ETag that the existing route must have.</param>
    /// <param name="isNew">True: an existing route is not replaced but refused with 409.</param>
    /// <exception cref="RefusedException">The route is not valid, or the name is taken.</exception>
    public async Task<Tagged<RouteView>> SetAsync(AuditActor actor, string projectId, string name, RouteDocument document, Precondition expected, bool isNew = false)
    {
        var text = Check(name, document).Write();
        var set = await changes.MakeToProjectAsync(actor, projectId, async (database, project) =>
        {
            var row = await FindAsync(database, projectId, name);
            if (row is not null && isNew)
            {
                throw Taken($"The route '{name}' exists already in this project.", "name");
            }

            expected.Check(row is null ? null : TagOf(row));
            if (row is null)
            {
                await RefuseAsync(database, project, name);
                row = database.Routes.Add(new RouteRecord { ProjectId = projectId, Name = name, Document = text, UpdatedAt = Now() }).Entity;
            }
            else if (row.Document != text)
            {
                (row.Document, row.UpdatedAt) = (text, Now());
            }

            return Tag(row, await CredentialsAsync(database, projectId));
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        await changes.AfterChangeAsync(() => canaries.ForgetAsync(projectId, name));
        return set;
    }

    /// <summary>Lists the objects of the project that use the route as their model. A route that an object uses cannot be deleted.</summary>
    public async Task<List<string>> UsersAsync(string projectId, string name)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await database.Projects.AsNoTracking().SingleOrDefaultAsync(row => row.Id == projectId) is { } project ? await RouteReferences.OfAsync(database, project, name) : [];
    }

    /// <exception cref="RefusedException">There is no such route, or an object uses it.</exception>
    public async Task DeleteAsync(AuditActor actor, string projectId, string name, Precondition expected)
    {
        await changes.MakeToProjectAsync(actor, projectId, async (database, project) =>
        {
            var row = await FindAsync(database, projectId, name) ?? throw RouteNotFound();
            expected.Check(TagOf(row));
            RouteReferences.Refusal(row.Name, await RouteReferences.OfAsync(database, project, row.Name)).ThrowIfAny();
            return database.Routes.Remove(row).Entity;
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
    }

    /// <summary>Checks a document and converts it to the form that is stored. Documents with the same meaning have the same stored form.</summary>
    /// <exception cref="RefusedException">The route is not valid.</exception>
    public RouteDocument Check(string name, RouteDocument document)
    {
        RouteChecks.Name(name).ThrowIfAny();
        RouteChecks.All(document, providers).FirstOrDefault().ThrowIfAny();
        return RouteDocument.Of(document.ToRoute(name));
    }

    /// <summary>Returns an error for an alias with the name of a route, because requests would use the route instead.</summary>
    public static async Task<EdgeError?> CheckAliasesAsync(EdgeDbContext database, string projectId, Dictionary<string, string> aliases)
    {
        var routes = aliases.Count == 0 ? [] : await database.Routes.Where(row => row.ProjectId == projectId).Select(row => row.Name).ToListAsync();
        return routes.Find(aliases.ContainsKey) is { } taken
            ? new EdgeError(ErrorKind.Conflict, $"The route '{taken}' exists in this project. Delete it first, or give the alias another name.") { Param = "model_aliases" }
            : null;
    }

    private static async Task RefuseAsync(EdgeDbContext database, ProjectRecord project, string name)
    {
        if (project.ModelAliases.ContainsKey(name))
        {
            throw Taken($"'{name}' is an alias of this project. Remove it from model_aliases first, or give the route another name.", "name");
        }

        if (await database.Routes.CountAsync(row => row.ProjectId == project.Id) >= MaxRoutes)
        {
            throw new RefusedException(EdgeError.Invalid($"A project can have at most {MaxRoutes} routes. Delete a route first."));
        }
    }

    private static RefusedException Taken(string message, string field) => new(new EdgeError(ErrorKind.Conflict, message) { Param = field });

    private static RefusedException RouteNotFound() => new(new EdgeError(ErrorKind.NotFound, "There is no such route in this project."));

    private static string TagOf(RouteRecord row) => EntityTags.Of(new { row.Name, row.Document });

    private Tagged<RouteView> Tag(RouteRecord row, List<Stored> credentials)
    {
        var document = RouteDocument.Parse(row.Document);
        return new(new(row.Name, document, row.UpdatedAt, [.. Warnings(document.ToRoute(row.Name), credentials).Distinct()]), TagOf(row));
    }

    // These problems are only warnings, because a configuration document may create routes before the credentials of their targets.
    private IEnumerable<string> Warnings(ModelRoute route, List<Stored> credentials)
    {
        var targets = route.Rules.SelectMany(rule => rule.Groups).Concat(route.Groups).SelectMany(group => group.Targets).ToList();
        var warnings = targets.ConvertAll(target => Warning(target, credentials));
        var all = warnings.TrueForAll(warning => warning is not null) ? warnings.Append("So the route cannot serve any request yet.") : warnings;
        return (route.Shadow is { } shadow && Warning(shadow.Target, credentials) is not null ? all.Append($"The project has no enabled credential for its shadow '{shadow.Target.Provider}/{shadow.Target.Model}': no copies are sent.") : all).OfType<string>();
    }

    private string? Warning(RouteTarget target, List<Stored> credentials) =>
        providers.Find(target.Provider) is null ? $"This edge no longer has the provider '{target.Provider}': targets of this provider are skipped."
        : target.Provider == ProviderDefinition.SandboxId || credentials.Exists(credential => credential.IsFor(target)) ? null
        : credentials.Exists(credential => credential.Provider == target.Provider) ? $"No enabled credential for the provider '{target.Provider}' allows the model '{target.Model}': this target is skipped."
        : $"The project has no enabled credential for the provider '{target.Provider}': targets of this provider are skipped.";

    private static async Task<List<Stored>> CredentialsAsync(EdgeDbContext database, string projectId) =>
        await database.ProviderKeys.AsNoTracking().Where(row => row.ProjectId == projectId && row.IsEnabled).Select(row => new Stored(row.Provider, row.Models)).ToListAsync();

    // A name with a null character matches no route. PostgreSQL rejects such texts.
    private static Task<RouteRecord?> FindAsync(EdgeDbContext database, string projectId, string name) => name.Contains('\0', StringComparison.Ordinal)
        ? Task.FromResult<RouteRecord?>(null)
        : database.Routes.SingleOrDefaultAsync(row => row.ProjectId == projectId && row.Name == name);

    // The time has only milliseconds, like the database, so that this response and later reads show the same time.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private sealed record Stored(string Provider, List<string>? Models)
    {
        private readonly AllowedModels? _models = Models is null ? null : new(Models);

        public bool IsFor(RouteTarget target) => Provider == target.Provider && _models?.Allows(target.Provider, target.Model) != false;
    }
}
