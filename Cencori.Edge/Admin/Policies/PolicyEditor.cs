using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Policies;

/// <summary>A project's policies, read and replaced as a whole.</summary>
internal sealed class PolicyEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects)
{
    public async Task<Tagged<PolicyView>> GetAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(await ProjectEditor.FindAsync(database, projectId));
    }

    /// <exception cref="RefusedException">They cannot be; or somebody has changed them since.</exception>
    public async Task<Tagged<PolicyView>> ReplaceAsync(AuditActor actor, string projectId, PolicyDocument document, Expected expected)
    {
        Check(document);
        var text = document.Complete().Write();
        var replaced = await changes.MakeToProjectAsync(actor, projectId, (_, project) =>
        {
            expected.Check(TagOf(project));
            if (project.Policies != text)
            {
                (project.Policies, project.PoliciesVersion) = (text, project.PoliciesVersion + 1);
            }

            return Task.FromResult(project);
        });
        await projects.InvalidateAsync(projectId);
        return Tag(replaced);
    }

    /// <exception cref="RefusedException">They cannot be.</exception>
    public static void Check(PolicyDocument document)
    {
        if (PolicyChecks.Check(document) is var (message, field))
        {
            throw new RefusedException(EdgeError.Invalid(message, field));
        }
    }

    private static Tagged<PolicyView> Tag(ProjectRecord project) => new(ViewOf(project), TagOf(project));

    private static string TagOf(ProjectRecord project) => EntityTags.Of(new { project.Policies, project.PoliciesVersion });

    private static PolicyView ViewOf(ProjectRecord project)
    {
        var document = (project.Policies is null ? PolicyDocument.None : PolicyDocument.Parse(project.Policies)).Complete();
        return new(project.PoliciesVersion, document.Rules, document.UnscannedEndpoints!.Value, document.UnscannableParts!.Value, document.OnOutputBlock!.Value) { Warnings = PolicyWarnings.Of(document) };
    }
}
