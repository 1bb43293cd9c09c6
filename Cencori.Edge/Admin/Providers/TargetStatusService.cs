using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Admin.Providers;

/// <summary>
/// Lists a project's credentials in cool-down and its stopped canaries, and ends a cool-down or stop. A canary is a route target that is tested with a share
/// of the requests, and stopped if it fails too often.
/// </summary>
internal sealed class TargetStatusService(ProviderKeyEditor keys, TargetTable table, Canaries canaries, Changes changes)
{
    /// <summary>Lists the credentials in cool-down and stopped canaries of this edge. The shortest remaining cool-down is first, canaries are last.</summary>
    public async Task<List<TargetView>> ListAsync(string projectId)
    {
        var credentials = await keys.ListAsync(projectId);
        return [.. Of(credentials), .. Stopped(projectId).SelectMany(stop => stop.CredentialIds.Select(id => View(stop, id, credentials.Find(key => key.Id == id)?.Name ?? id)))];
    }

    /// <summary>Lists the project's canaries that are stopped at this edge.</summary>
    public IReadOnlyList<StoppedCanary> Stopped(string projectId) => canaries.Of(projectId);

    /// <summary>Lists those of the given credentials that are in cool-down.</summary>
    public List<TargetView> Of(List<ProviderKeyView> credentials)
    {
        var byId = credentials.ToDictionary(key => key.Id, StringComparer.Ordinal);
        return [.. table.ListCoolDowns(target => byId.TryGetValue(target.CredentialId, out var key) && key.Version == target.Version).OrderBy(cooled => cooled.Wait).Select(cooled =>
        {
            var key = byId[cooled.Target.CredentialId];
            return new TargetView(key.Id, key.Name, key.Provider, cooled.Target.Model, cooled.Target.Endpoint, TargetOutcomes.NameOf(cooled.Reason), (long)cooled.Wait.TotalMilliseconds);
        })];
    }

    /// <summary>Ends the cool-down of a credential, and restarts the stopped canaries that use the credential. Both happen at all edges at once.</summary>
    /// <exception cref="RefusedException">The project has no such credential.</exception>
    public async Task ResetAsync(AuditActor actor, string projectId, string credentialId)
    {
        // The built-in sandbox provider needs no credential, so its provider id is used in place of a credential id.
        if (credentialId != ProviderDefinition.SandboxId && !(await keys.ListAsync(projectId)).Exists(key => key.Id == credentialId))
        {
            throw ProviderKeyEditor.KeyNotFound();
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
