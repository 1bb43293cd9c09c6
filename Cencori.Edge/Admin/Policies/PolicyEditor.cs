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
            var text = SecretsOf(projectId).Seal(complete, Check(complete, ReplacedOf(project))).Write();
            if (project.Policies != text)
            {
                (project.Policies, project.PoliciesVersion) = (text, project.PoliciesVersion + 1);
            }

            return Task.FromResult(project);
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
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

    /// <summary>Reads the stored document. Its secrets are encrypted.</summary>
    /// <exception cref="RefusedException">There is no such project, or this version of the edge cannot read its policies.</exception>
    public async Task<PolicyDocument> StoredAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return ReadableOf(await ProjectEditor.FindAsync(database, projectId));
    }

    /// <summary>Reads what a test runs: an unsaved document with the secrets that saving would keep, or else the stored document.
    /// The version is the one that is stored.</summary>
    /// <exception cref="RefusedException">There is no such project, saving the unsaved document would be refused too, or this version of the edge
    /// cannot read the stored policies.</exception>
    public async Task<(PolicyDocument Document, long Version)> ToTestAsync(string projectId, PolicyDocument? unsaved)
    {
        await using var database = await contexts.CreateDbContextAsync();
        var project = await ProjectEditor.FindAsync(database, projectId);
        if (unsaved is null)
        {
            return (ReadableOf(project), project.PoliciesVersion);
        }

        Check(unsaved);
        var complete = unsaved.Complete();
        return (SecretsOf(projectId).Seal(complete, Check(complete, ReplacedOf(project))), project.PoliciesVersion);
    }

    /// <summary>Checks that the project exists.</summary>
    /// <exception cref="RefusedException">There is no such project.</exception>
    public async Task RequireProjectAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.FindAsync(database, projectId);
    }

    public PolicySecrets SecretsOf(string projectId) => new(sealer, projectId);

    private static PolicyDocument Check(PolicyDocument document, PolicyDocument stored) =>
        PolicySecrets.Check(document, stored) is var (message, field) ? throw new RefusedException(EdgeError.Invalid(message, field)) : stored;

    // Null: this version of the edge cannot read the stored document.
    private static PolicyDocument? StoredOf(ProjectRecord project)
    {
        try
        {
            return project.Policies is null ? PolicyDocument.None : PolicyDocument.Parse(project.Policies);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PolicyDocument ReadableOf(ProjectRecord project) => StoredOf(project) ?? throw new RefusedException(new EdgeError(ErrorKind.Conflict,
        $"The policies of this project were stored by another version of the edge, and this version cannot read them. Use the version that stored them, or replace them with PUT /api/projects/{project.Id}/policies."));

    // An unreadable document counts as empty, so that it can be replaced. A replacement that keeps a stored secret is refused, because an empty document has no secrets.
    private static PolicyDocument ReplacedOf(ProjectRecord project) => StoredOf(project) ?? PolicyDocument.None;

    private static Tagged<PolicyView> Tag(ProjectRecord project) => new(ViewOf(project), TagOf(project));

    private static string TagOf(ProjectRecord project) => EntityTags.Of(new { project.Policies, project.PoliciesVersion });

    private static PolicyView ViewOf(ProjectRecord project)
    {
        var document = PolicySecrets.Hide(ReadableOf(project)).Complete();
        return new(project.PoliciesVersion, document.Rules, document.UnscannedEndpoints!.Value, document.UnscannableParts!.Value, document.OnOutputBlock!.Value) { Webhook = document.Webhook, Warnings = PolicyWarnings.Of(document) };
    }
}
