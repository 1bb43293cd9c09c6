using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Providers;

/// <summary>A project's own credentials with providers: store, list, delete. What was stored never comes back.</summary>
internal sealed class ProviderKeyEditor(
    IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProviderCatalog providers, SecretSealer sealer, ProjectCache projects, TimeProvider time)
{
    private const string IdPrefix = "cr";
    private const int MaxKeyLength = 4_096;

    // Of a shorter credential the last four characters would be too much to show.
    private const int MinLengthToHint = 16;

    public async Task<List<ProviderKeyView>> ListAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var rows = await database.ProviderKeys.AsNoTracking().Where(row => row.ProjectId == projectId)
            .OrderBy(row => row.Provider).ThenBy(row => row.Environment).ThenBy(row => row.Name).ToListAsync();
        return rows.ConvertAll(ProviderKeyView.Of);
    }

    /// <summary>Storing again replaces: that is how a credential is rotated. At no time is there none.</summary>
    public async Task<ProviderKeyView> StoreAsync(AuditActor actor, string projectId, NewProviderKey body)
    {
        Check(body, out var baseUrl).ThrowIfAny();
        var key = body.ApiKey ?? "";
        var stored = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var row = await FindAsync(database, projectId, body.Provider, body.Environment, ProviderKeyRecord.DefaultName) ?? database.ProviderKeys.Add(new()
            {
                ProjectId = projectId,
                Id = Ids.New(IdPrefix),
                Provider = body.Provider,
                Environment = body.Environment,
                SealedKey = [],
                SealKeyId = "",
                Hint = "",
                CreatedAt = default,
            }).Entity;
            row.SealedKey = sealer.Seal(key, CredentialSeals.OwnerOf(row));
            row.SealKeyId = sealer.SealKeyId;
            row.Hint = key.Length >= MinLengthToHint ? key[^4..] : "";
            row.BaseUrl = baseUrl;
            row.CreatedAt = time.GetUtcNow();
            return row;
        });
        await projects.InvalidateAsync(projectId);
        return ProviderKeyView.Of(stored);
    }

    public async Task DeleteAsync(AuditActor actor, string projectId, string provider, KeyEnvironment environment)
    {
        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var stored = await FindAsync(database, projectId, provider, environment, ProviderKeyRecord.DefaultName)
                ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "The project has no such provider key."));
            return database.ProviderKeys.Remove(stored).Entity;
        });
        await projects.InvalidateAsync(projectId);
    }

    private static Task<ProviderKeyRecord?> FindAsync(EdgeDbContext database, string projectId, string provider, KeyEnvironment environment, string name) =>
        database.ProviderKeys.SingleOrDefaultAsync(row => row.ProjectId == projectId && row.Provider == provider && row.Environment == environment && row.Name == name);

    private EdgeError? Check(NewProviderKey body, out string? baseUrl)
    {
        baseUrl = null;
        if (providers.Find(body.Provider) is not { } provider)
        {
            return EdgeError.Invalid($"There is no such provider. Known: {string.Join(", ", providers.All.Select(known => known.Id).Order())}.", "provider");
        }

        // A line break or a space in a header's value is either a mistake in copying or an attack.
        var key = body.ApiKey ?? "";
        if (key.Length > MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~') || (key.Length == 0 && provider.CredentialScheme.NeedsCredential))
        {
            return EdgeError.Invalid($"The provider's key has 1 to {MaxKeyLength} visible ASCII characters and no spaces.", "apiKey");
        }

        if (body.BaseUrl is null)
        {
            return provider.NeedsBaseUrl
                ? EdgeError.Invalid($"The provider '{provider.Id}' is at an address of your own: its base URL is needed, with the path that stands in place of /v1.", "baseUrl")
                : null;
        }

        baseUrl = BaseUrls.Read(body.BaseUrl, out var fault);
        return baseUrl is null ? EdgeError.Invalid(fault, "baseUrl") : null;
    }
}
