using System.Text.Json.Serialization;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>A project's own credentials with providers: store, list, delete. What was stored never comes back.</summary>
public static class ProviderKeysApi
{
    private const int MaxKeyLength = 4_096;

    // Of a shorter credential the last four characters would be too much to show.
    private const int MinLengthToHint = 16;

    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/provider-keys", ListAsync);
        projects.MapPost("/{projectId}/provider-keys", StoreAsync);
        projects.MapDelete("/{projectId}/provider-keys/{provider}", DeleteAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return;
        }

        var rows = await database.ProviderKeys.AsNoTracking().Where(row => row.ProjectId == projectId)
            .OrderBy(row => row.Provider).ThenBy(row => row.Environment).ToListAsync();
        await context.AnswerAsync(StatusCodes.Status200OK, new ProvidersAnswer(rows.ConvertAll(ProviderKeyView.Of)));
    }

    private static async Task StoreAsync(
        HttpContext context, string projectId, Changes changes, ProviderCatalog providers, SecretSealer sealer, ProjectCache cache, TimeProvider time)
    {
        if (await context.ReadBodyAsync<NewProviderKey>() is not { } body)
        {
            return;
        }

        if (Check(body, providers, out var baseUrl) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        var key = body.ApiKey ?? "";
        var record = new ProviderKeyRecord
        {
            ProjectId = projectId,
            Provider = body.Provider,
            Environment = body.Environment,
            SealedKey = [],
            SealKeyId = sealer.SealKeyId,
            Hint = key.Length >= MinLengthToHint ? key[^4..] : "",
            BaseUrl = baseUrl,
            CreatedAt = time.GetUtcNow(),
        };
        record.SealedKey = sealer.Seal(key, ProviderCredential.OwnerOf(record));
        if (await changes.MakeToProjectAsync(context, projectId, (database, _) => ReplaceAsync(database, record)) is not null)
        {
            await cache.InvalidateAsync(projectId);
            await context.AnswerAsync(StatusCodes.Status201Created, new ProviderAnswer(ProviderKeyView.Of(record)));
        }
    }

    /// <summary>Storing again replaces: that is how a credential is rotated. At no time is there none.</summary>
    private static async Task<ProviderKeyRecord?> ReplaceAsync(EdgeDbContext database, ProviderKeyRecord record)
    {
        if (await database.ProviderKeys.FindAsync(record.ProjectId, record.Provider, record.Environment) is { } stored)
        {
            database.Entry(stored).CurrentValues.SetValues(record);
        }
        else
        {
            database.ProviderKeys.Add(record);
        }

        return record;
    }

    private static async Task DeleteAsync(
        HttpContext context, string projectId, string provider, Changes changes, ProjectCache cache, string environment = "production")
    {
        if (!Enum.TryParse<KeyEnvironment>(environment, ignoreCase: true, out var parsed))
        {
            await context.Refuse(EdgeError.Invalid("The environment is 'production' or 'test'.", "environment"));
            return;
        }

        var deleted = await changes.MakeToProjectAsync(context, projectId, async (database, project) =>
        {
            if (await database.ProviderKeys.FindAsync(projectId, provider, parsed) is { } stored)
            {
                database.ProviderKeys.Remove(stored);
                return project;
            }

            await context.Refuse(new EdgeError(ErrorKind.NotFound, "The project has no such provider key."));
            return null;
        });
        if (deleted is null)
        {
            return;
        }

        await cache.InvalidateAsync(projectId);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static EdgeError? Check(NewProviderKey body, ProviderCatalog providers, out string? baseUrl)
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
                ? EdgeError.Invalid($"The provider '{provider.Id}' has an address of your own: send it as baseUrl, with the path that stands in place of /v1.", "baseUrl")
                : null;
        }

        baseUrl = BaseUrls.Read(body.BaseUrl, out var fault);
        return baseUrl is null ? EdgeError.Invalid(fault, "baseUrl") : null;
    }

    private sealed record NewProviderKey
    {
        public required string Provider { get; init; }

        [JsonPropertyName("apiKey")]
        public string? ApiKey { get; init; }

        public KeyEnvironment Environment { get; init; }

        [JsonPropertyName("baseUrl")]
        public string? BaseUrl { get; init; }
    }

    private sealed record ProviderKeyView(
        string Provider,
        KeyEnvironment Environment,
        [property: JsonPropertyName("keyHint")] string KeyHint,
        [property: JsonPropertyName("baseUrl")] string? BaseUrl,
        [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt)
    {
        public static ProviderKeyView Of(ProviderKeyRecord row) => new(row.Provider, row.Environment, "..." + row.Hint, row.BaseUrl, row.CreatedAt);
    }

    private sealed record ProviderAnswer(ProviderKeyView Provider);

    private sealed record ProvidersAnswer(List<ProviderKeyView> Providers);
}
