using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>
/// Applies a configuration document: all of it or nothing. Uses the editors of the administration API, so the same rules and audit rows apply. Nothing is
/// deleted or revoked.
/// </summary>
internal sealed class ConfigurationApply(Editors editors, CurrentState state, Changes changes)
{
    /// <summary>The only supported version of the document format.</summary>
    public const int Version = 1;

    private const int MaxProjects = 1_000;

    /// <param name="actor">Who applies the document.</param>
    /// <param name="root">The document.</param>
    /// <param name="isPlan">True: runs every step, rolls back, and only reports the changes.</param>
    /// <param name="cancellation">Cancellation of the request.</param>
    /// <exception cref="RefusedException">A part of the document is not valid; the error names its path. Nothing was changed.</exception>
    public async Task<ApplyResponse> RunAsync(AuditActor actor, JsonObject root, bool isPlan, CancellationToken cancellation)
    {
        var plans = new List<ProjectApply>();
        foreach (var requested in ProjectsOf(new Part(root, "")))
        {
            plans.Add(await ProjectApply.PlanAsync(editors, state, actor, requested, cancellation));
        }

        if (!plans.Exists(plan => plan.HasChanges))
        {
            return new(isPlan, await RunAsync(plans, cancellation));
        }

        // One transaction makes all changes. Otherwise a later refusal could leave a created key whose full value nobody has seen.
        var applied = await changes.MakeAllAsync(actor, [.. plans.Where(plan => !plan.IsNew).Select(plan => plan.Id)], () => RunAsync(plans, cancellation), isKept: !isPlan);
        return new(isPlan, isPlan ? [.. applied.Zip(plans, (project, plan) => project with { Id = plan.IsNew ? null : project.Id, Keys = [] })] : applied);
    }

    private static async Task<List<AppliedProject>> RunAsync(List<ProjectApply> plans, CancellationToken cancellation)
    {
        var applied = new List<AppliedProject>();
        foreach (var plan in plans)
        {
            applied.Add(await plan.RunAsync());
        }

        // Rolls back if the client has disconnected, because nobody would see the full values of the created keys.
        cancellation.ThrowIfCancellationRequested();
        return applied;
    }

    private static List<Part> ProjectsOf(Part root)
    {
        root.Only("version", "projects");
        if (root.Members["version"] is not { } version || version.ToJsonString() != "1")
        {
            throw root.Refuse("version", $"The version of the document must be {Version}.");
        }

        var list = root.List("projects").ToList();
        if (list.Count > MaxProjects)
        {
            throw root.Refuse("projects", $"A document must have at most {MaxProjects} projects.");
        }

        return list.GroupBy(project => project.Text("slug")).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw twice.Last().Refuse("slug", $"The project '{twice.Key}' appears twice.")
            : list;
    }
}
