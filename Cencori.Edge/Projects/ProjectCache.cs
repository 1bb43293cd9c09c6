using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Cencori.Edge.Models;
using Cencori.Edge.Policies;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Projects;

/// <summary>Caches projects by id, with their settings and decrypted credentials.</summary>
public sealed partial class ProjectCache
{
    /// <summary>Maximum number of cached projects.</summary>
    public const int Capacity = 50_000;

    private const string Subject = "project";

    private readonly IDbContextFactory<EdgeDbContext> _contexts;
    private readonly SecretSealer _sealer;
    private readonly CacheInvalidation _invalidation;
    private readonly ILogger<ProjectCache> _logger;
    private readonly SnapshotCache<string, ProjectSnapshot> _snapshots;

    public ProjectCache(
        IDbContextFactory<EdgeDbContext> contexts, SecretSealer sealer, CacheInvalidation invalidation, TimeProvider time, ILogger<ProjectCache> logger)
    {
        _contexts = contexts;
        _sealer = sealer;
        _invalidation = invalidation;
        _logger = logger;
        _snapshots = new(Capacity, ReadAsync, time, logger);
        invalidation.Subscribe(Subject, _snapshots.Invalidate, _snapshots.InvalidateAll);
    }

    public ValueTask<ProjectSnapshot?> GetAsync(string projectId) => _snapshots.GetAsync(projectId);

    /// <summary>Removes a project from the cache of this edge and of all other edges. Call it after every committed change to a project, its limits or its credentials.</summary>
    public Task InvalidateAsync(string projectId)
    {
        _snapshots.Invalidate(projectId);
        return _invalidation.PublishAsync(Subject, projectId);
    }

    private async Task<ProjectSnapshot?> ReadAsync(string projectId)
    {
        await using var database = await _contexts.CreateDbContextAsync();
        var project = await database.Projects.AsNoTracking().SingleOrDefaultAsync(row => row.Id == projectId);
        if (project is null)
        {
            return null;
        }

        var keys = await database.ProviderKeys.AsNoTracking().Where(row => row.ProjectId == projectId && row.IsEnabled).ToListAsync();
        var budgets = await database.Budgets.AsNoTracking().Where(row => row.ProjectId == projectId && row.MonthlyUsd != null).ToListAsync();
        var agents = await database.Agents.AsNoTracking().Where(row => row.ProjectId == projectId).ToListAsync();
        var prompts = await database.Prompts.AsNoTracking().Where(row => row.ProjectId == projectId)
            .Join(database.PromptVersions, row => row.ActiveVersionId, version => version.Id, (prompt, version) => new ActivePrompt(prompt.Name, version.Version, version.Content, version.Variables))
            .ToListAsync();
        var routes = await database.Routes.AsNoTracking().Where(row => row.ProjectId == projectId).ToListAsync();
        return new ProjectSnapshot
        {
            Id = project.Id,
            DefaultModel = project.DefaultModel,
            DefaultProvider = project.DefaultProvider,
            ModelAliases = project.ModelAliases.ToFrozenDictionary(StringComparer.Ordinal),
            Routes = routes.Count == 0 ? FrozenDictionary<string, ModelRoute>.Empty : routes.Select(Open).OfType<ModelRoute>().ToFrozenDictionary(route => route.Name, StringComparer.Ordinal),
            LogsPayloads = project.LogsPayloads,
            RateLimits = new(project.RequestsPerMinute, project.Burst, project.TokensPerMinute, project.ConcurrentRequests),
            AllowedNetworks = project.AccessMode == AccessMode.Restricted ? new AllowedNetworks(project.AllowedCidrs) : null,
            Policies = PolicySet.Open(project.Policies, project.PoliciesVersion, new PolicySecrets(_sealer, project.Id)),
            Credentials = keys.ConvertAll(Open),
            Prices = project.Prices.Count == 0 ? PriceTable.Empty : new PriceTable(project.Prices),
            Agents = agents.Count == 0 ? FrozenDictionary<string, Agent>.Empty : agents.ToFrozenDictionary(row => row.Id, row => new Agent(row), StringComparer.Ordinal),
            Prompts = prompts.Count == 0 ? FrozenDictionary<string, ActivePrompt>.Empty : prompts.ToFrozenDictionary(prompt => prompt.Name, StringComparer.Ordinal),
            Budgets = budgets.Count == 0 ? FrozenDictionary<string, Budget>.Empty : budgets.ToFrozenDictionary(row => row.KeyId, Open, StringComparer.Ordinal),
        };
    }

    /// <summary>Decrypts a stored credential, enabled or not, so that requests can use it.</summary>
    public ProviderCredential Open(ProviderKeyRecord record)
    {
        string? secret = null;
        try
        {
            secret = _sealer.Open(record.SealedKey, record.SealKeyId, CredentialSeals.OwnerOf(record));
        }
        catch (CryptographicException exception)
        {
            Log.CannotOpenCredential(_logger, exception, record.Provider, record.ProjectId);
        }

        return new(record.Provider, record.Environment, record.Hint, secret, record.BaseUrl is null ? null : new Uri(record.BaseUrl))
        {
            Id = record.Id,
            Version = CredentialSeals.VersionOf(record),
            Name = record.Name,
            Weight = record.Weight,
            Rank = record.Rank,
            Models = record.Models is { } models ? new AllowedModels(models) : null,
            Limits = RateLimits.OrNone(record.RequestsPerMinute, record.Burst, record.TokensPerMinute, record.ConcurrentRequests),
            LimitsId = $"{record.ProjectId}/{record.Id}",
        };
    }

    private Budget Open(BudgetRecord record)
    {
        string? secret = null;
        try
        {
            secret = record.SealedSecret is null ? null : _sealer.Open(record.SealedSecret, record.SealKeyId!, Budget.OwnerOf(record));
        }
        catch (CryptographicException exception)
        {
            Log.CannotOpenWebhookSecret(_logger, exception, record.ProjectId);
        }

        return new Budget(record, secret);
    }

    // A newer edge version may have stored a route that this version cannot read. Requests for that route get 404; other requests work.
    private ModelRoute? Open(RouteRecord record)
    {
        try
        {
            return RouteDocument.Parse(record.Document).ToRoute(record.Name);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            Log.CannotReadRoute(_logger, exception, record.Name, record.ProjectId);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(21, LogLevel.Error, "The {Provider} credential of project {ProjectId} cannot be decrypted with any key of Secrets:MasterKey. Store the credential again.", EventName = "CannotOpenCredential")]
        public static partial void CannotOpenCredential(ILogger logger, Exception exception, string provider, string projectId);

        [LoggerMessage(22, LogLevel.Error, "The webhook secret of a budget of project {ProjectId} cannot be decrypted with any key of Secrets:MasterKey. Store the secret again.", EventName = "CannotOpenWebhookSecret")]
        public static partial void CannotOpenWebhookSecret(ILogger logger, Exception exception, string projectId);

        [LoggerMessage(260, LogLevel.Error, "The route {Route} of project {ProjectId} cannot be read. Store the route again.", EventName = "CannotReadRoute")]
        public static partial void CannotReadRoute(ILogger logger, Exception exception, string route, string projectId);
    }
}
