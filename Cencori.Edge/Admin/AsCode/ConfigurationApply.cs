using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>
/// Makes what is administered what a document says: each project as a whole or not at all, by the services that everybody uses, and so with the
/// same rules and the same rows of the audit log. Nothing is deleted or revoked.
/// </summary>
internal sealed class ConfigurationApply(
    Editors editors, CurrentState state, Changes changes, ProjectCache projects, KeyCache keys, IDbContextFactory<EdgeDbContext> contexts)
{
    /// <summary>Of documents.</summary>
    public const int Version = 1;

    private const int MostProjects = 1_000;

    /// <param name="actor">Who asks for it.</param>
    /// <param name="root">The document.</param>
    /// <param name="isPlan">Only tell what would change, after all of it has been tried.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <exception cref="RefusedException">Something in it cannot be; it is named by its path. Of that project nothing was done.</exception>
    public async Task<ApplyAnswer> RunAsync(AuditActor actor, JsonObject root, bool isPlan, CancellationToken cancellation)
    {
        var list = ProjectsOf(new Part(root, ""));

        // All are tried before the first is changed: a mistake in the last one is found in time.
        var results = new List<AppliedProject>();
        foreach (var wanted in list)
        {
            results.Add(await RunAsync(actor, wanted, isKept: false, cancellation));
        }

        if (isPlan)
        {
            return new(Plan: true, results);
        }

        for (var index = 0; index < list.Count; index++)
        {
            results[index] = await RunAsync(actor, list[index], isKept: true, cancellation);
        }

        return new(Plan: false, results);
    }

    private static List<Part> ProjectsOf(Part root)
    {
        root.Only("version", "projects");
        if (root.Members["version"] is not { } version || version.ToJsonString() != "1")
        {
            throw root.Refuse("version", $"The version of the document is {Version}.");
        }

        var list = root.List("projects").ToList();
        if (list.Count > MostProjects)
        {
            throw root.Refuse("projects", $"A document has at most {MostProjects} projects.");
        }

        return list.GroupBy(project => project.Text("slug")).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw twice.Last().Refuse("slug", $"The project '{twice.Key}' stands there twice.")
            : list;
    }

    private async Task<AppliedProject> RunAsync(AuditActor actor, Part wanted, bool isKept, CancellationToken cancellation)
    {
        var apply = await ProjectApply.PlanAsync(editors, state, actor, wanted, cancellation);
        if (!apply.HasChanges)
        {
            return await apply.RunAsync();
        }

        var applied = await changes.MakeTogetherAsync(apply.RunAsync, isKept);
        if (!isKept)
        {
            return applied with { Id = apply.IsNew ? null : applied.Id, Keys = [] };
        }

        // Somebody may have asked since each was changed, and before all were to be seen.
        await projects.InvalidateAsync(applied.Id!);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        foreach (var hash in await database.ApiKeys.Where(row => apply.KeyIds.Contains(row.Id)).Select(row => row.Hash).ToListAsync(cancellation))
        {
            await keys.InvalidateAsync(KeyHash.From(hash));
        }

        return applied;
    }
}
