using System.Text.Json;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Reads and replaces a project's policies.</summary>
internal sealed class PolicyEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, SecretSealer sealer, ProjectCache projects)
{
    public async Task<Tagged<PolicyView>> GetAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(await ProjectEditor.FindAsync(database, projectId));
    }

    /// <exception cref="RefusedException">The policies are not valid, or they no longer have the expected ETag.</exception>
    public async Task<Tagged<PolicyView>> ReplaceAsync(AuditActor actor, string projectId, PolicyDocument document, Precondition expected)
    {
        Check(document);
        var complete = document.Complete();
        var replaced = await changes.MakeToProjectAsync(actor, projectId, (_, project) =>
        {
            expected.Check(TagOf(project));
            var text = SecretsOf(projectId).Seal(complete, Check(complete, StoredOf(project))).Write();
            if (project.Policies != text)
            {
                (project.Policies, project.PoliciesVersion) = (text, project.PoliciesVersion + 1);
            }

            return Task.FromResult(project);
        });
        await projects.InvalidateAsync(projectId);
        return Tag(replaced);
    }

    /// <exception cref="RefusedException">The policies are not valid.</exception>
    public static void Check(PolicyDocument document)
    {
        if (PolicyChecks.Check(document) is var (message, field))
        {
            throw new RefusedException(EdgeError.Invalid(message, field));
        }
    }

    /// <summary>Adds the stored secrets to an unsaved document, as saving would do.</summary>
    /// <exception cref="RefusedException">The document could not be saved.</exception>
    public async Task<PolicyDocument> SealAsync(string projectId, PolicyDocument document)
    {
        Check(document);
        var (complete, stored) = (document.Complete(), await StoredAsync(projectId));
        return SecretsOf(projectId).Seal(complete, Check(complete, stored));
    }

    /// <summary>Reads the stored document. Its secrets are encrypted.</summary>
    public async Task<PolicyDocument> StoredAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return StoredOf(await ProjectEditor.FindAsync(database, projectId));
    }

    public PolicySecrets SecretsOf(string projectId) => new(sealer, projectId);

    private static PolicyDocument Check(PolicyDocument document, PolicyDocument stored) =>
        PolicySecrets.Check(document, stored) is var (message, field) ? throw new RefusedException(EdgeError.Invalid(message, field)) : stored;

    // If the document was stored by a newer edge version and cannot be read, an empty one is returned, so that it can still be replaced.
    private static PolicyDocument StoredOf(ProjectRecord project)
    {
        try
        {
            return project.Policies is null ? PolicyDocument.None : PolicyDocument.Parse(project.Policies);
        }
        catch (JsonException)
        {
            return PolicyDocument.None;
        }
    }

    private static Tagged<PolicyView> Tag(ProjectRecord project) => new(ViewOf(project), TagOf(project));

    private static string TagOf(ProjectRecord project) => EntityTags.Of(new { project.Policies, project.PoliciesVersion });

    private static PolicyView ViewOf(ProjectRecord project)
    {
        var document = PolicySecrets.Hide(project.Policies is null ? PolicyDocument.None : PolicyDocument.Parse(project.Policies)).Complete();
        return new(project.PoliciesVersion, document.Rules, document.UnscannedEndpoints!.Value, document.UnscannableParts!.Value, document.OnOutputBlock!.Value) { Webhook = document.Webhook, Warnings = PolicyWarnings.Of(document) };
    }
}
