using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Tells which of a project's credentials are left alone, and which canaries are stopped, and has them asked again.</summary>
internal sealed class TargetStatusService(ProviderKeyEditor keys, TargetTable table, Canaries canaries, Changes changes)
{
    /// <summary>As this edge knows it; the soonest first, and canaries last.</summary>
    public async Task<List<TargetView>> ListAsync(string projectId)
    {
        var credentials = await keys.ListAsync(projectId);
        return [.. Of(credentials), .. Stopped(projectId).SelectMany(stop => stop.CredentialIds.Select(id => View(stop, id, credentials.Find(key => key.Id == id)?.Name ?? id)))];
    }

    /// <summary>The project's canaries that are stopped at this edge.</summary>
    public IReadOnlyList<StoppedCanary> Stopped(string projectId) => canaries.Of(projectId);

    /// <summary>Those of credentials that are known already, that are left alone.</summary>
    public List<TargetView> Of(List<ProviderKeyView> credentials)
    {
        var byId = credentials.ToDictionary(key => key.Id, StringComparer.Ordinal);
        return [.. table.LeftAlone(target => byId.TryGetValue(target.CredentialId, out var key) && key.Version == target.Version).OrderBy(cooled => cooled.Wait).Select(cooled =>
        {
            var key = byId[cooled.Target.CredentialId];
            return new TargetView(key.Id, key.Name, key.Provider, cooled.Target.Model, cooled.Target.Endpoint, TargetOutcomes.NameOf(cooled.Why), (long)cooled.Wait.TotalMilliseconds);
        })];
    }

    /// <summary>All edges ask it again at once.</summary>
    /// <exception cref="RefusedException">The project has no such credential.</exception>
    public async Task ResetAsync(AuditActor actor, string projectId, string credentialId)
    {
        // Who needs none goes by the provider's name.
        if (credentialId != ProviderDefinition.SandboxId && !(await keys.ListAsync(projectId)).Exists(key => key.Id == credentialId))
        {
            throw ProviderKeyEditor.NotThere();
        }

        await changes.NoteAsync(actor, new AuditEntry("target.reset", projectId, credentialId));
        await table.ResetAsync(credentialId);
        await canaries.ResetAsync(projectId, credentialId);
    }

    private static TargetView View(StoppedCanary stop, string id, string name)
    {
        var target = RouteDocument.TargetOf(stop.Model)!;
        return new(id, name, target.Provider, target.Model, null, "stopped", null) { Stopped = stop };
    }
}
