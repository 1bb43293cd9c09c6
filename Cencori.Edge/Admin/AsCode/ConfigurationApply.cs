using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>
/// Makes what is administered what a document says: all of it or nothing, by the services that everybody uses, and so with the same rules and the
/// same rows of the audit log. Nothing is deleted or revoked.
/// </summary>
internal sealed class ConfigurationApply(
    Editors editors, CurrentState state, Changes changes, ProjectCache projects, KeyCache keys, IDbContextFactory<EdgeDbContext> contexts)
{
    /// <summary>Of documents.</summary>
    public const int Version = 1;

    private const int MaxProjects = 1_000;

    /// <param name="actor">Who asks for it.</param>
    /// <param name="root">The document.</param>
    /// <param name="isPlan">Only tell what would change, after all of it has been tried.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <exception cref="RefusedException">Something in it cannot be; it is named by its path. Nothing was done.</exception>
    public async Task<ApplyResponse> RunAsync(AuditActor actor, JsonObject root, bool isPlan, CancellationToken cancellation)
    {
        var plans = new List<ProjectApply>();
        foreach (var wanted in ProjectsOf(new Part(root, "")))
        {
            plans.Add(await ProjectApply.PlanAsync(editors, state, actor, wanted, cancellation));
        }

        if (!plans.Exists(plan => plan.HasChanges))
        {
            return new(isPlan, await RunAsync(plans, cancellation));
        }

        // In one transaction: keys that are made are shown once, and no later refusal may take their showing along.
        var hashes = await HashesAsync([.. plans.SelectMany(plan => plan.KeyIds)], cancellation);
        var applied = await changes.MakeTogetherAsync(actor, [.. plans.Where(plan => !plan.IsNew).Select(plan => plan.Id)], () => RunAsync(plans, cancellation), isKept: !isPlan);
        if (isPlan)
        {
            return new(Plan: true, [.. applied.Zip(plans, (project, plan) => project with { Id = plan.IsNew ? null : project.Id, Keys = [] })]);
        }

        // Somebody may have asked since each was changed, and before all were to be seen. Whoever has gone by now is no reason to leave it out.
        foreach (var project in applied.Where(project => project.Changes.Count > 0))
        {
            await projects.InvalidateAsync(project.Id!);
        }

        foreach (var hash in hashes.Concat(applied.SelectMany(project => project.Keys).Select(key => KeyHash.Of(key.FullKey))))
        {
            await keys.InvalidateAsync(hash);
        }

        return new(Plan: false, applied);
    }

    private static async Task<List<AppliedProject>> RunAsync(List<ProjectApply> plans, CancellationToken cancellation)
    {
        var applied = new List<AppliedProject>();
        foreach (var plan in plans)
        {
            applied.Add(await plan.RunAsync());
        }

        // Whoever has gone would not see the keys.
        cancellation.ThrowIfCancellationRequested();
        return applied;
    }

    private async Task<List<KeyHash>> HashesAsync(List<string> ids, CancellationToken cancellation)
    {
        var hashes = new List<KeyHash>();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        foreach (var some in ids.Chunk(500))
        {
            hashes.AddRange((await database.ApiKeys.Where(row => some.Contains(row.Id)).Select(row => row.Hash).ToListAsync(cancellation)).Select(hash => KeyHash.From(hash)));
        }

        return hashes;
    }

    private static List<Part> ProjectsOf(Part root)
    {
        root.Only("version", "projects");
        if (root.Members["version"] is not { } version || version.ToJsonString() != "1")
        {
            throw root.Refuse("version", $"The version of the document is {Version}.");
        }

        var list = root.List("projects").ToList();
        if (list.Count > MaxProjects)
        {
            throw root.Refuse("projects", $"A document has at most {MaxProjects} projects.");
        }

        return list.GroupBy(project => project.Text("slug")).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw twice.Last().Refuse("slug", $"The project '{twice.Key}' stands there twice.")
            : list;
    }
}
