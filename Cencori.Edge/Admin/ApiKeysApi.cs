using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
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
        projects.MapGet("/{projectId}/api-keys/{keyId}", GetAsync);
        projects.MapPatch("/{projectId}/api-keys/{keyId}", ChangeAsync);
        projects.MapPost("/{projectId}/api-keys/{keyId}/rotate", RotateAsync);
    }

    /// <summary>Makes a key's record, not yet saved. The key itself is in the result and nowhere else.</summary>
    public static (ApiKeyRecord Record, string FullKey) NewKey(string projectId, string name, KeyType type, KeyEnvironment environment, TimeProvider time, string? agentId = null)
    {
        var key = ProjectKey.Generate(ProjectKey.Prefix(type, environment));
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

    /// <summary>Likewise, of a body that has been checked.</summary>
    public static (ApiKeyRecord Record, string FullKey) NewKey(string projectId, NewApiKey body, TimeProvider time)
    {
        var (record, fullKey) = NewKey(projectId, body.Name, body.KeyType, body.Environment, time, body.AgentId);
        record.AllowedDomains = Checks.Plain(body.AllowedDomains);
        record.AllowedModels = body.AllowedModels;
        record.ExpiresAt = body.ExpiresAt;
        return (record, fullKey);
    }

    private static async Task CreateAsync(HttpContext context, string projectId, Changes changes, KeyCache keys, TimeProvider time)
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

        var (record, fullKey) = NewKey(projectId, body, time);
        var made = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (body.AgentId is null || await database.Agents.AnyAsync(agent => agent.Id == body.AgentId && agent.ProjectId == projectId))
            {
                return database.ApiKeys.Add(record).Entity;
            }

            await context.Refuse(EdgeError.Invalid("There is no such agent in this project.", "agent_id"));
            return null;
        });
        if (made is not null)
        {
            await keys.InvalidateAsync(KeyHash.From(record.Hash));
            await AnswerAsync(context, StatusCodes.Status201Created, record, time, fullKey);
        }
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

    private static async Task GetAsync(
        HttpContext context, string projectId, string keyId, IDbContextFactory<EdgeDbContext> contexts, LastUsedWriter lastUsed, TimeProvider time)
    {
        await lastUsed.TryFlushAsync();
        await using var database = await contexts.CreateDbContextAsync();
        if (await FindAsync(context, database, projectId, keyId) is { } row)
        {
            await AnswerAsync(context, StatusCodes.Status200OK, row, time);
        }
    }

    private static async Task ChangeAsync(HttpContext context, string projectId, string keyId, Changes changes, KeyCache keys, TimeProvider time)
    {
        if (await context.ReadBodyAsync<ApiKeyChange>() is not { } change)
        {
            return;
        }

        var changed = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await FindAsync(context, database, projectId, keyId) is not { } row || !await context.ExpectsAsync(ApiKeyView.TagOf(row)))
            {
                return null;
            }

            if (change.Check(row, time.GetUtcNow()) is { } problem)
            {
                await context.Refuse(problem);
                return null;
            }

            row.Name = change.Name.Or(row.Name);
            row.AllowedDomains = Checks.Plain(change.AllowedDomains.Or(row.AllowedDomains));
            row.AllowedModels = change.AllowedModels.Or(row.AllowedModels);
            row.ExpiresAt = change.ExpiresAt.Or(row.ExpiresAt);
            row.RevokedAt ??= change.Revoked == true ? time.GetUtcNow() : null;
            return row;
        });
        if (changed is not null)
        {
            await keys.InvalidateAsync(KeyHash.From(changed.Hash));
            await AnswerAsync(context, StatusCodes.Status200OK, changed, time);
        }
    }

    private static async Task RotateAsync(
        HttpContext context, string projectId, string keyId, Changes changes, KeyCache keys, ProjectCache projects, SecretSealer sealer, TimeProvider time)
    {
        // A body in chunks has no length, and is a body all the same.
        var body = await context.ReadBodyIfAnyAsync<Rotation>();
        if (body is null)
        {
            return;
        }

        if (body.GracePeriodHours is < 0 or > MaxGraceHours)
        {
            await context.Refuse(EdgeError.Invalid($"The grace period is 0 to {MaxGraceHours} hours.", "grace_period_hours"));
            return;
        }

        var grace = TimeSpan.FromHours(body.GracePeriodHours ?? DefaultGraceHours);
        if (await changes.MakeToProjectAsync(context, projectId, (database, _) => ReplaceAsync(context, database, projectId, keyId, grace, sealer, time)) is not { } made)
        {
            return;
        }

        await keys.InvalidateAsync(KeyHash.From(made.Successor.Hash));
        await keys.InvalidateAsync(KeyHash.From(made.Old.Hash));
        if (made.HandsBudgetOn)
        {
            await projects.InvalidateAsync(projectId);
        }

        await AnswerAsync(context, StatusCodes.Status201Created, made.Successor, time, made.FullKey);
    }

    private static async Task<Replacement?> ReplaceAsync(
        HttpContext context, EdgeDbContext database, string projectId, string keyId, TimeSpan grace, SecretSealer sealer, TimeProvider time)
    {
        if (await FindAsync(context, database, projectId, keyId) is not { } old || !await context.ExpectsAsync(ApiKeyView.TagOf(old)))
        {
            return null;
        }

        // First of all: one that was rotated may have ended by that.
        if (old.ReplacedBy is not null)
        {
            await context.Refuse(new EdgeError(ErrorKind.Conflict, $"This key has been rotated already. Rotate its successor '{old.ReplacedBy}'."));
            return null;
        }

        var now = time.GetUtcNow();
        if (old.RevokedAt is not null || old.ExpiresAt <= now)
        {
            await context.Refuse(EdgeError.Invalid("A revoked or expired key cannot be rotated; create a new one."));
            return null;
        }

        var (record, fullKey) = NewKey(projectId, old.Name, old.Type, old.Environment, time, old.AgentId);
        record.AllowedDomains = old.AllowedDomains;
        record.AllowedModels = old.AllowedModels;
        record.ExpiresAt = old.ExpiresAt;

        var end = now + grace;
        old.ExpiresAt = old.ExpiresAt < end ? old.ExpiresAt : end;
        old.ReplacedBy = record.Id;
        database.ApiKeys.Add(record);
        return new(old, record, fullKey, await BudgetsApi.TryCopyAsync(database, sealer, old, record));
    }

    private static Task AnswerAsync(HttpContext context, int status, ApiKeyRecord row, TimeProvider time, string? fullKey = null) =>
        context.AnswerAsync(status, new ApiKeyAnswer(ApiKeyView.Of(row, time.GetUtcNow(), fullKey)), ApiKeyView.TagOf(row));

    private static async Task<ApiKeyRecord?> FindAsync(HttpContext context, EdgeDbContext database, string projectId, string keyId)
    {
        if (await database.ApiKeys.SingleOrDefaultAsync(row => row.Id == keyId && row.ProjectId == projectId) is { } row)
        {
            return row;
        }

        await context.Refuse(new EdgeError(ErrorKind.NotFound, "There is no such key in this project."));
        return null;
    }

    private sealed record Replacement(ApiKeyRecord Old, ApiKeyRecord Successor, string FullKey, bool HandsBudgetOn);

    private sealed record Rotation
    {
        public double? GracePeriodHours { get; init; }
    }
}
