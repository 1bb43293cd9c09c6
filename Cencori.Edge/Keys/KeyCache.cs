using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Keys;

/// <summary>Caches project keys by hash. A cached key needs no database access.</summary>
public sealed class KeyCache
{
    /// <summary>Maximum number of keys in memory.</summary>
    public const int Capacity = 100_000;

    private const string Subject = "key";

    private readonly IDbContextFactory<EdgeDbContext> _contexts;
    private readonly KnownKeyFilter _known;
    private readonly CacheInvalidation _invalidation;
    private readonly SnapshotCache<KeyHash, ApiKey> _snapshots;

    public KeyCache(IDbContextFactory<EdgeDbContext> contexts, KnownKeyFilter index, CacheInvalidation invalidation, TimeProvider time, ILogger<KeyCache> logger)
    {
        _contexts = contexts;
        _known = index;
        _invalidation = invalidation;
        _snapshots = new(Capacity, ReadAsync, time, logger);
        invalidation.Subscribe(Subject, hash => Forget(KeyHash.From(Convert.FromHexString(hash))), _snapshots.InvalidateAll);
    }

    /// <summary>The key with this hash, even if it is revoked or expired. Null: there is none.</summary>
    public ValueTask<ApiKey?> GetAsync(KeyHash hash) =>
        _snapshots.TryGet(hash, out var key) ? key : GetUnfamiliarAsync(hash);

    /// <summary>Drops a key from the caches of all edges. Call it after every committed change to a key, including its creation.</summary>
    public Task InvalidateAsync(KeyHash hash)
    {
        Forget(hash);
        return _invalidation.PublishAsync(Subject, Convert.ToHexStringLower(hash.ToArray()));
    }

    private void Forget(KeyHash hash)
    {
        _known.Add(hash);
        _snapshots.Invalidate(hash);
    }

    private async ValueTask<ApiKey?> GetUnfamiliarAsync(KeyHash hash) =>
        await _known.MayExistAsync(hash) ? await _snapshots.GetAsync(hash) : null;

    private async Task<ApiKey?> ReadAsync(KeyHash hash)
    {
        var bytes = hash.ToArray();
        await using var database = await _contexts.CreateDbContextAsync();
        var row = await database.ApiKeys.AsNoTracking().SingleOrDefaultAsync(row => row.Hash == bytes);
        return row is null ? null : new ApiKey
        {
            Id = row.Id,
            ProjectId = row.ProjectId,
            Type = row.Type,
            Environment = row.Environment,
            AllowedDomains = row.AllowedDomains,
            AllowedModels = row.AllowedModels is { } models ? new AllowedModels(models) : null,
            AllowedNetworks = row.AllowedCidrs is { } cidrs ? new AllowedNetworks(cidrs) : null,
            AgentId = row.AgentId,
            ExpiresAt = row.ExpiresAt,
            IsRevoked = row.RevokedAt is not null,
        };
    }
}
