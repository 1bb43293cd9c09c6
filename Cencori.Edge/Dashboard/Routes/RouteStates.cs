using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.Providers;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Dashboard.Routes;

/// <summary>Finds the state of route targets at this edge.</summary>
internal sealed class RouteStates(ProviderCatalog catalog, ProviderKeyEditor keys, TargetStatusService targets)
{
    /// <summary>Reads the states with the project's current credentials.</summary>
    /// <param name="projectId">The project.</param>
    /// <param name="route">The name of the targets' route.</param>
    public async Task<Func<RouteDocument.Target, TargetState>> ReadAsync(string projectId, string route)
    {
        var enabled = (await keys.ListAsync(projectId)).FindAll(key => key.Enabled);
        var coolDowns = targets.Of(enabled);
        var stored = enabled.ConvertAll(key => new Stored(key.Id, key.Provider, key.Models is { } models ? new AllowedModels(models) : null));
        var stopped = targets.Stopped(projectId).Where(stop => stop.Route == route).ToList();
        return target => RouteDocument.TargetOf(target.Model) is not { } one ? new("not known", "bad")
            : stopped.Find(stop => stop.Model == $"{one.Provider}/{one.Model}") is { } stop ? Of(stop)
            : Of(one, stored, coolDowns);
    }

    /// <summary>Lists the model names of all providers that the project can use.</summary>
    public async Task<List<string>> ModelsAsync(string projectId)
    {
        var usable = (await keys.ListAsync(projectId)).Select(key => key.Provider).Append(ProviderDefinition.SandboxId).ToHashSet(StringComparer.Ordinal);
        return [.. catalog.Models.Listed.Where(listed => usable.Contains(listed.Provider.Id)).Select(listed => $"{listed.Provider.Id}/{listed.Model}").Distinct().Order(StringComparer.Ordinal)];
    }

    private static TargetState Of(StoppedCanary stop) => new(
        "stopped", "bad", $"For {stop.Environment.ToString().ToLowerInvariant()} keys: {Failed(stop.Figures.Failures, stop.Figures.Requests)} have failed, compared with {Failed(stop.Figures.StableFailures, stop.Figures.StableRequests)} of {SafeText.Of(stop.Stable)}, which now gets this target's requests. Save the route to use this target again.");

    private static string Failed(long failures, long requests) => $"{Numbers.Exact(failures)} of {Numbers.Exact(requests)} requests";

    private TargetState Of(RouteTarget target, List<Stored> stored, List<TargetView> coolDowns)
    {
        if (catalog.Find(target.Provider) is null)
        {
            return new("no such provider", "bad", "The provider is no longer in yarp.json, so this target is skipped.");
        }

        if (target.Provider == ProviderDefinition.SandboxId)
        {
            return new("built in", null);
        }

        var own = stored.FindAll(key => key.Provider == target.Provider && key.Models?.Allows(target.Provider, target.Model) != false);
        if (own.Count == 0)
        {
            return new("no credential", "warn", "The project has no enabled credential for this target, so the target is skipped.");
        }

        var cooled = coolDowns.FindAll(view => own.Exists(key => key.Id == view.Id) && (view.Model is null || view.Model == target.Model)).DistinctBy(view => view.Id).ToList();
        return cooled.Count == 0 ? new("ready", "good")
            : new(
                own.Count == 1 ? "in cool-down" : $"{cooled.Count} of {own.Count} in cool-down",
                cooled.Count == own.Count ? "bad" : "warn",
                $"For {Numbers.Duration(TimeSpan.FromMilliseconds(cooled[0].WaitMs ?? 0))}: {CredentialRow.ReasonText(cooled[0].Reason)}.");
    }

    private sealed record Stored(string Id, string Provider, AllowedModels? Models);
}
