using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Projects;

/// <summary>
/// Reads and replaces the networks from which a project's keys may be used. The networks do not restrict the administration API,
/// so administrators cannot lock themselves out.
/// </summary>
internal sealed class NetworkEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects)
{
    public async Task<Tagged<NetworkingView>> GetAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(await ProjectEditor.FindAsync(database, projectId));
    }

    public async Task<Tagged<NetworkingView>> ReplaceAsync(AuditActor actor, string projectId, NetworkingReplacement body, Precondition expected)
    {
        Checks.AllowedCidrs(body.AllowedCidrs).ThrowIfAny();
        var replaced = await changes.MakeToProjectAsync(actor, projectId, (_, project) =>
        {
            expected.Check(TagOf(project));
            (project.AccessMode, project.AllowedCidrs) = (body.AccessMode, Checks.NormalizeCidrs(body.AllowedCidrs));
            return Task.FromResult(project);
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        return Tag(replaced);
    }

    private static Tagged<NetworkingView> Tag(ProjectRecord project) => new(NetworkingView.Of(project), TagOf(project));

    private static string TagOf(ProjectRecord project) => EntityTags.Of(new { project.AccessMode, project.AllowedCidrs });
}
