using System.Security.Cryptography;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Stores, lists, reads, changes and deletes a project's provider credentials. A stored secret is never returned.</summary>
internal sealed class ProviderKeyEditor(
    IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProviderCatalog providers, SecretSealer sealer, ProjectCache projects, TargetTable targets, TimeProvider time)
{
    /// <summary>Maximum number of credentials that a project has for one provider and environment.</summary>
    public const int MaxCredentials = 32;

    // A shorter secret gets no hint, because its last four characters would reveal too much.
    private const int MinLengthToHint = 16;

    public async Task<List<ProviderKeyView>> ListAsync(string projectId) => (await ListTaggedAsync(projectId)).ConvertAll(key => key.Value);

    /// <summary>Lists credentials with ETags, by provider, environment and name; the default name comes first.</summary>
    public async Task<List<Tagged<ProviderKeyView>>> ListTaggedAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var rows = await database.ProviderKeys.AsNoTracking().Where(row => row.ProjectId == projectId).ToListAsync();
        return [.. rows
            .OrderBy(row => row.Provider, StringComparer.Ordinal).ThenBy(row => row.Environment)
            .ThenBy(row => row.Name != ProviderKeyRecord.DefaultName).ThenBy(row => row.Name, StringComparer.Ordinal).Select(Tag)];
    }

    public async Task<Tagged<ProviderKeyView>> GetAsync(string projectId, CredentialRef credential) => Tag(await FindAsync(projectId, credential) ?? throw KeyNotFound());

    /// <summary>Reads the stored record of a credential.</summary>
    /// <returns>Null: the project has no such credential.</returns>
    public async Task<ProviderKeyRecord?> FindAsync(string projectId, CredentialRef credential)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        return await QueryKey(database, projectId, credential).AsNoTracking().SingleOrDefaultAsync();
    }

    /// <summary>Stores a credential. An existing credential of the same name is replaced, so a credential can be rotated without an interruption.</summary>
    /// <param name="actor">Who makes the change.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="body">The credential.</param>
    /// <param name="isNew">True: an existing credential is not replaced but refused with 409.</param>
    public async Task<Tagged<ProviderKeyView>> StoreAsync(AuditActor actor, string projectId, NewProviderKey body, bool isNew = false)
    {
        Check(body, out var baseUrl).ThrowIfAny();
        var (key, requested) = (body.ApiKey ?? "", new CredentialRef(body.Provider, body.Environment, body.Name));
        var stored = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var existing = await QueryKey(database, projectId, requested).SingleOrDefaultAsync();
            var row = existing is null ? await AddAsync(database, projectId, body) : isNew ? throw Taken(body.Provider) : existing;
            row.SealedKey = sealer.Seal(key, CredentialSeals.OwnerOf(row));
            row.SealKeyId = sealer.SealKeyId;
            row.Hint = key.Length >= MinLengthToHint ? key[^4..] : "";
            row.BaseUrl = baseUrl;

            // The time has only milliseconds, like the database, because the ETag depends on the time.
            row.CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            body.Set(row);
            return row;
        });
        await InvalidateAsync(projectId, stored);
        return Tag(stored);
    }

    public async Task<Tagged<ProviderKeyView>> ChangeAsync(AuditActor actor, string projectId, CredentialRef credential, ProviderKeyChange change, Precondition expected)
    {
        change.Check().ThrowIfAny();
        var before = "";
        var changed = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var row = await QueryKey(database, projectId, credential).SingleOrDefaultAsync() ?? throw KeyNotFound();
            expected.Check(TagOf(row));
            before = CredentialSeals.VersionOf(row);
            if (change.Name is { IsPresent: true, Value: var name } && name != row.Name && await database.ProviderKeys.AnyAsync(
                other => other.ProjectId == projectId && other.Provider == row.Provider && other.Environment == row.Environment && other.Name == name))
            {
                throw Taken(row.Provider);
            }

            change.Set(row, BaseUrlOf(row, change));
            return row;
        });
        await InvalidateAsync(projectId, changed, before);
        return Tag(changed);
    }

    public async Task DeleteAsync(AuditActor actor, string projectId, CredentialRef credential, Precondition expected)
    {
        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var row = await QueryKey(database, projectId, credential).SingleOrDefaultAsync() ?? throw KeyNotFound();
            expected.Check(TagOf(row));
            return database.ProviderKeys.Remove(row).Entity;
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
    }

    // Ends the cool-down if secret or base URL changed, because requests with the old values caused it.
    private async Task InvalidateAsync(string projectId, ProviderKeyRecord record, string? before = null)
    {
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        if (before != CredentialSeals.VersionOf(record))
        {
            await changes.AfterChangeAsync(() => targets.ResetAsync(record.Id));
        }
    }

    /// <summary>Creates the refusal for an unknown credential.</summary>
    public static RefusedException KeyNotFound() => new(new EdgeError(ErrorKind.NotFound, "The project has no such provider key."));

    private static RefusedException Taken(string provider) =>
        new(new EdgeError(ErrorKind.Conflict, $"The project has a credential with this name for '{provider}' in this environment. Replace that credential, or choose another name.") { Param = "name" });

    private static IQueryable<ProviderKeyRecord> QueryKey(EdgeDbContext database, string projectId, CredentialRef credential) =>
        database.ProviderKeys.Where(row => row.ProjectId == projectId).Where(credential.Filter);

    private static async Task<ProviderKeyRecord> AddAsync(EdgeDbContext database, string projectId, NewProviderKey body)
    {
        if (await database.ProviderKeys.CountAsync(row => row.ProjectId == projectId && row.Provider == body.Provider && row.Environment == body.Environment) >= MaxCredentials)
        {
            throw new RefusedException(EdgeError.Invalid($"A project can have at most {MaxCredentials} credentials for one provider and environment. Delete one first."));
        }

        return database.ProviderKeys.Add(new()
        {
            ProjectId = projectId,
            Id = CredentialRef.NewId(),
            Provider = body.Provider,
            Environment = body.Environment,
            Name = body.NameOrDefault,
            SealedKey = [],
            SealKeyId = "",
            Hint = "",
            CreatedAt = default,
        }).Entity;
    }

    private EdgeError? Check(NewProviderKey body, out string? baseUrl)
    {
        baseUrl = null;
        return providers.Find(body.Provider) is not { } provider
            ? EdgeError.Invalid($"There is no such provider. Use one of: {string.Join(", ", providers.All.Select(known => known.Id).Order())}.", "provider")
            : CredentialChecks.Key(body.ApiKey ?? "", provider) ?? CredentialChecks.BaseUrl(body.BaseUrl, provider, out baseUrl) ?? body.Check();
    }

    private string? BaseUrlOf(ProviderKeyRecord row, ProviderKeyChange change)
    {
        if (!change.BaseUrl.IsPresent)
        {
            return row.BaseUrl;
        }

        CredentialChecks.BaseUrl(change.BaseUrl.Value, providers.Find(row.Provider), out var baseUrl).ThrowIfAny();

        // Without this check, a person who does not know the stored key could have it sent to any server.
        return ServerAddress.IsSame(row.BaseUrl, baseUrl) || IsSecretEmpty(row)
            ? baseUrl
            : throw new RefusedException(EdgeError.Invalid("A base URL on another server needs the key again. Store the credential again, under the same name.", "baseUrl"));
    }

    private bool IsSecretEmpty(ProviderKeyRecord row)
    {
        try
        {
            return sealer.OpenBytes(row.SealedKey, row.SealKeyId, CredentialSeals.OwnerOf(row)).Length == 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static Tagged<ProviderKeyView> Tag(ProviderKeyRecord row) => new(ProviderKeyView.Of(row), TagOf(row));

    private static string TagOf(ProviderKeyRecord row) => EntityTags.Of(ProviderKeyView.Of(row));
}
