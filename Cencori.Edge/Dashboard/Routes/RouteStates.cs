using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.Providers;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Dashboard.Routes;

/// <summary>Tells how the targets of routes do at this edge.</summary>
internal sealed class RouteStates(ProviderCatalog catalog, ProviderKeyEditor keys, TargetDesk targets)
{
    /// <summary>By the credentials of the project as they are now.</summary>
    public async Task<Func<RouteDocument.Target, TargetState>> ReadAsync(string projectId)
    {
        var enabled = (await keys.ListAsync(projectId)).FindAll(key => key.Enabled);
        var leftAlone = targets.Of(enabled);
        var stored = enabled.ConvertAll(key => new Stored(key.Id, key.Provider, key.Models is { } models ? new AllowedModels(models) : null));
        return target => RouteDocument.TargetOf(target.Model) is { } one ? Of(one, stored, leftAlone) : new("not known", "bad");
    }

    /// <summary>Names that a target may have: of providers that the project can use.</summary>
    public async Task<List<string>> ModelsAsync(string projectId)
    {
        var usable = (await keys.ListAsync(projectId)).Select(key => key.Provider).Append(ProviderDefinition.SandboxId).ToHashSet(StringComparer.Ordinal);
        return [.. catalog.Models.Listed.Where(listed => usable.Contains(listed.Provider.Id)).Select(listed => $"{listed.Provider.Id}/{listed.Model}").Distinct().Order(StringComparer.Ordinal)];
    }

    private TargetState Of(RouteTarget target, List<Stored> stored, List<TargetView> leftAlone)
    {
        if (catalog.Find(target.Provider) is null)
        {
            return new("no such provider", "bad", "It is not in yarp.json any more, and is passed over.");
        }

        if (target.Provider == ProviderDefinition.SandboxId)
        {
            return new("inside the edge", null);
        }

        var own = stored.FindAll(key => key.Provider == target.Provider && key.Models?.Allows(target.Provider, target.Model) != false);
        if (own.Count == 0)
        {
            return new("no credential", "warn", "No enabled credential of the project is for it: it is passed over.");
        }

        var cooled = leftAlone.FindAll(view => own.Exists(key => key.Id == view.Id) && (view.Model is null || view.Model == target.Model)).DistinctBy(view => view.Id).ToList();
        return cooled.Count == 0 ? new("ready", "good")
            : new(
                own.Count == 1 ? "left alone" : $"{cooled.Count} of {own.Count} left alone",
                cooled.Count == own.Count ? "bad" : "warn",
                $"For {Numbers.Duration(TimeSpan.FromMilliseconds(cooled[0].WaitMs))}: {CredentialRow.WhyLeftAlone(cooled[0].Reason)}.");
    }

    private sealed record Stored(string Id, string Provider, AllowedModels? Models);
}
