using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>Project keys: create, list, change, revoke, rotate.</summary>
public static class ApiKeysApi
{
    private const double DefaultGraceHours = 24;
    private const double MaxGraceHours = 24 * 90;

    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapPost("/{projectId}/api-keys", CreateAsync);
        projects.MapGet("/{projectId}/api-keys", ListAsync);
        projects.MapPatch("/{projectId}/api-keys/{keyId}", ChangeAsync);
        projects.MapPost("/{projectId}/api-keys/{keyId}/rotate", RotateAsync);
    }

    /// <summary>Makes a key's record, not yet saved. The key itself is in the result and nowhere else.</summary>
    public static (ApiKeyRecord Record, string FullKey) NewKey(string projectId, string name, KeyType type, KeyEnvironment environment, TimeProvider time, string? agentId = null)
    {
        var key = ProjectKey.Generate(ProjectKey.Prefix(type, environment)
            ?? throw new ArgumentException($"There are no {environment} keys of type {type}.", nameof(environment)));
        var record = new ApiKeyRecord
        {
            Id = ProjectsApi.NewId("key"),
            ProjectId = projectId,
            Hash = KeyHash.Of(key).ToArray(),
            KeyPrefix = ProjectKey.DisplayPrefix(key),
            LastFour = key[^4..],
            Name = name,
            Type = type,
            Environment = environment,
            AgentId = agentId,
            CreatedAt = time.GetUtcNow(),
        };
        return (record, key);
    }

    private static async Task CreateAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts, KeyCache keys, TimeProvider time)
    {
        if (await context.ReadBodyAsync<NewApiKey>() is not { } body)
        {
            return;
        }

        if (body.Check(time.GetUtcNow()) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return;
        }

        var (record, fullKey) = NewKey(projectId, body.Name, body.KeyType, body.Environment, time, body.AgentId);
        record.AllowedDomains = body.AllowedDomains ?? [];
        record.AllowedModels = body.AllowedModels;
        record.ExpiresAt = body.ExpiresAt;
        await SaveNewAsync(context, database, keys, record, fullKey, time);
    }

    private static async Task ListAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts, LastUsedWriter lastUsed, TimeProvider time)
    {
        // What was used a moment ago should be seen as used.
        await lastUsed.TryFlushAsync();
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return;
        }

        var rows = await database.ApiKeys.AsNoTracking().Where(row => row.ProjectId == projectId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync();
        var now = time.GetUtcNow();
        await context.AnswerAsync(StatusCodes.Status200OK, new ApiKeysAnswer(rows.ConvertAll(row => ApiKeyView.Of(row, now))));
    }

    private static async Task ChangeAsync(
        HttpContext context, string projectId, string keyId, IDbContextFactory<EdgeDbContext> contexts, KeyCache keys, TimeProvider time)
    {
        if (await context.ReadBodyAsync<ApiKeyChange>() is not { } change)
        {
            return;
        }

        await using var database = await contexts.CreateDbContextAsync();
        if (await FindAsync(context, database, projectId, keyId) is not { } row)
        {
            return;
        }

        if (change.Check(row, time.GetUtcNow()) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        row.Name = change.Name.Or(row.Name);
        row.AllowedDomains = change.AllowedDomains.Or(row.AllowedDomains) ?? [];
        row.AllowedModels = change.AllowedModels.Or(row.AllowedModels);
        row.ExpiresAt = change.ExpiresAt.Or(row.ExpiresAt);
        row.RevokedAt ??= change.Revoked == true ? time.GetUtcNow() : null;
        await database.SaveChangesAsync();
        await keys.InvalidateAsync(KeyHash.From(row.Hash));
        await context.AnswerAsync(StatusCodes.Status200OK, new ApiKeyAnswer(ApiKeyView.Of(row, time.GetUtcNow())));
    }

    private static async Task RotateAsync(
        HttpContext context, string projectId, string keyId, IDbContextFactory<EdgeDbContext> contexts, KeyCache keys, ProjectCache projects, SecretSealer sealer, TimeProvider time)
    {
        // A body in chunks has no length, and is a body all the same.
        var body = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true ? await context.ReadBodyAsync<Rotation>() : new Rotation();
        if (body is null)
        {
            return;
        }

        if (body.GracePeriodHours is < 0 or > MaxGraceHours)
        {
            await context.Refuse(EdgeError.Invalid($"The grace period is 0 to {MaxGraceHours} hours.", "grace_period_hours"));
            return;
        }

        await using var database = await contexts.CreateDbContextAsync();
        if (await FindAsync(context, database, projectId, keyId) is not { } old)
        {
            return;
        }

        var now = time.GetUtcNow();
        if (old.RevokedAt is not null || old.ExpiresAt <= now)
        {
            await context.Refuse(EdgeError.Invalid("A revoked or expired key cannot be rotated; create a new one."));
            return;
        }

        if (old.ReplacedBy is not null)
        {
            await context.Refuse(EdgeError.Invalid($"This key has been rotated already, and ends soon. Rotate its successor '{old.ReplacedBy}'."));
            return;
        }

        var (record, fullKey) = NewKey(projectId, old.Name, old.Type, old.Environment, time, old.AgentId);
        record.AllowedDomains = old.AllowedDomains;
        record.AllowedModels = old.AllowedModels;
        record.ExpiresAt = old.ExpiresAt;

        var end = now.AddHours(body.GracePeriodHours ?? DefaultGraceHours);
        old.ExpiresAt = old.ExpiresAt < end ? old.ExpiresAt : end;
        old.ReplacedBy = record.Id;
        var handsBudgetOn = await BudgetsApi.TryCopyAsync(database, sealer, old, record);
        await SaveNewAsync(context, database, keys, record, fullKey, time, replaced: old);
        if (handsBudgetOn)
        {
            await projects.InvalidateAsync(projectId);
        }
    }

    private static async Task SaveNewAsync(
        HttpContext context, EdgeDbContext database, KeyCache keys, ApiKeyRecord record, string fullKey, TimeProvider time, ApiKeyRecord? replaced = null)
    {
        database.ApiKeys.Add(record);
        await database.SaveChangesAsync();
        await keys.InvalidateAsync(KeyHash.From(record.Hash));
        if (replaced is not null)
        {
            await keys.InvalidateAsync(KeyHash.From(replaced.Hash));
        }

        await context.AnswerAsync(StatusCodes.Status201Created, new ApiKeyAnswer(ApiKeyView.Of(record, time.GetUtcNow(), fullKey)));
    }

    private static async Task<ApiKeyRecord?> FindAsync(HttpContext context, EdgeDbContext database, string projectId, string keyId)
    {
        if (await database.ApiKeys.SingleOrDefaultAsync(row => row.Id == keyId && row.ProjectId == projectId) is { } row)
        {
            return row;
        }

        await context.Refuse(new EdgeError(ErrorKind.NotFound, "There is no such key in this project."));
        return null;
    }

    private sealed record Rotation
    {
        public double? GracePeriodHours { get; init; }
    }
}
