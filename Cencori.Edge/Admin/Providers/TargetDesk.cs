using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Routing;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Tells which of a project's credentials are left alone, and has them asked again.</summary>
internal sealed class TargetDesk(ProviderKeyEditor keys, TargetTable table, Changes changes)
{
    /// <summary>As this edge knows it; the soonest first.</summary>
    public async Task<List<TargetView>> ListAsync(string projectId) => Of(await keys.ListAsync(projectId));

    /// <summary>Those of credentials that are known already.</summary>
    public List<TargetView> Of(List<ProviderKeyView> credentials)
    {
        var byId = credentials.ToDictionary(key => key.Id, StringComparer.Ordinal);
        return [.. table.LeftAlone(target => byId.TryGetValue(target.CredentialId, out var key) && key.Version == target.Version).OrderBy(cooled => cooled.Wait).Select(cooled =>
        {
            var key = byId[cooled.Target.CredentialId];
            return new TargetView(key.Id, key.Name, key.Provider, cooled.Target.Model, cooled.Target.Endpoint, TargetWords.NameOf(cooled.Why), (long)cooled.Wait.TotalMilliseconds);
        })];
    }

    /// <summary>All edges ask it again at once.</summary>
    /// <exception cref="RefusedException">The project has no such credential.</exception>
    public async Task ResetAsync(AuditActor actor, string projectId, string credentialId)
    {
        var key = (await keys.ListAsync(projectId)).Find(key => key.Id == credentialId) ?? throw ProviderKeyEditor.NotThere();
        await changes.NoteAsync(actor, new AuditEntry("target.reset", projectId, key.Id));
        await table.ResetAsync(key.Id);
    }
}
