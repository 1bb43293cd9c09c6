using System.Buffers;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Keys;

/// <summary>Lists, creates, reads, changes, revokes and rotates project keys.</summary>
internal sealed class ApiKeyEditor(
    IDbContextFactory<EdgeDbContext> contexts, Changes changes, KeyCache keys, ProjectCache projects, LastUsedWriter lastUsed, SecretSealer sealer, TimeProvider time)
{
    private const string IdPrefix = "key";
    private const double DefaultGraceHours = 24;
    private const double MaxGraceHours = 24 * 90;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public async Task<List<ApiKeyView>> ListAsync(string projectId) => (await ListTaggedAsync(projectId)).ConvertAll(key => key.Value);

    /// <summary>Lists keys, each with its ETag.</summary>
    public async Task<List<Tagged<ApiKeyView>>> ListTaggedAsync(string projectId)
    {
        var unwritten = lastUsed.Unwritten;
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var rows = await database.ApiKeys.AsNoTracking().Where(row => row.ProjectId == projectId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync();
        return rows.ConvertAll(row => Tag(Used(row, unwritten)));
    }

    /// <summary>Finds keys of several projects by a part of their name (any case), by their prefix, or by their id; newest first.</summary>
    /// <param name="projectIds">Searches only these projects. Null: searches all projects.</param>
    /// <param name="text">Part of the name, the prefix or the id.</param>
    /// <param name="max">Maximum number of keys to return.</param>
    /// <param name="cancellation">Cancels the search.</param>
    public async Task<List<(string ProjectId, ApiKeyView Key)>> SearchAsync(IReadOnlyCollection<string>? projectIds, string text, int max, CancellationToken cancellation)
    {
        var (pattern, now) = ($"%{text.ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%", time.GetUtcNow());
        var unwritten = lastUsed.Unwritten;
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var rows = await database.ApiKeys.AsNoTracking()
            .Where(row => (projectIds == null || projectIds.Contains(row.ProjectId)) && (EF.Functions.Like(row.Name.ToLower(), pattern, "\\") || row.KeyPrefix == text || row.Id == text))
            .OrderByDescending(row => row.Id).Take(max).ToListAsync(cancellation);
        return rows.ConvertAll(row => (row.ProjectId, ApiKeyView.Of(Used(row, unwritten), now)));
    }

    public async Task<Tagged<ApiKeyView>> GetAsync(string projectId, string keyId)
    {
        var unwritten = lastUsed.Unwritten;
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(Used(await FindAsync(database, projectId, keyId), unwritten));
    }

    /// <param name="actor">Who makes the change.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="body">The new key.</param>
    /// <param name="id">Id of the key, from <see cref="NewId"/>. With an id, a repeated request creates no second key and gets 409. Null: a new id is generated.</param>
    /// <param name="budget">The key's budget, without a webhook. Null: the key has no budget of its own.</param>
    /// <returns>The new key. Only this result contains the full key.</returns>
    public async Task<Tagged<ApiKeyView>> CreateAsync(AuditActor actor, string projectId, NewApiKey body, string? id = null, BudgetReplacement? budget = null)
    {
        (body.Check(time.GetUtcNow()) ?? budget?.Check(hasSecret: false)).ThrowIfAny();
        var (record, fullKey) = NewKey(projectId, body, time, id);
        await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            if (body.AgentId is not null && !await database.Agents.AnyAsync(agent => agent.Id == body.AgentId && agent.ProjectId == projectId))
            {
                throw new RefusedException(EdgeError.Invalid("There is no such agent in this project.", "agent_id"));
            }

            if (id is not null && await database.ApiKeys.AnyAsync(key => key.Id == id))
            {
                throw new RefusedException(new EdgeError(ErrorKind.Conflict, "This key has been generated already."));
            }

            if (budget is not null)
            {
                database.Budgets.Add(BudgetEditor.NewOf(record, budget));
            }

            return database.ApiKeys.Add(record).Entity;
        });
        await changes.AfterChangeAsync(() => keys.InvalidateAsync(KeyHash.From(record.Hash)));
        if (budget is not null)
        {
            await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        }

        return Tag(record, fullKey);
    }

    /// <summary>Generates an id for a key that will be created later.</summary>
    public static string NewId() => Ids.New(IdPrefix);

    /// <summary>Whether a text has the form of <see cref="NewId"/>.</summary>
    public static bool IsId(string? text) => text is { Length: 36 } && text.StartsWith(IdPrefix + "_", StringComparison.Ordinal) && text.AsSpan(IdPrefix.Length + 1).IndexOfAnyExcept(HexDigits) < 0;

    public async Task<Tagged<ApiKeyView>> ChangeAsync(AuditActor actor, string projectId, string keyId, ApiKeyChange change, Precondition expected)
    {
        var changed = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var row = await FindAsync(database, projectId, keyId);
            expected.Check(ApiKeyView.TagOf(row));
            change.Check(row, time.GetUtcNow()).ThrowIfAny();
            row.Name = change.Name.Or(row.Name);
            row.AllowedDomains = Checks.NormalizeDomains(change.AllowedDomains.Or(row.AllowedDomains));
            row.AllowedModels = change.AllowedModels.Or(row.AllowedModels);
            row.AllowedCidrs = change.AllowedCidrs.Or(row.AllowedCidrs) is { } cidrs ? Checks.NormalizeCidrs(cidrs) : null;
            row.ExpiresAt = change.ExpiresAt.Or(row.ExpiresAt);
            row.RevokedAt ??= change.Revoked == true ? time.GetUtcNow() : null;
            return row;
        });
        await changes.AfterChangeAsync(() => keys.InvalidateAsync(KeyHash.From(changed.Hash)));
        return Tag(changed);
    }

    /// <summary>Creates a key that replaces another one. The old key stays valid for the grace period.</summary>
    /// <returns>The new key. Only this result contains the full key.</returns>
    public async Task<Tagged<ApiKeyView>> RotateAsync(AuditActor actor, string projectId, string keyId, KeyRotation body, Precondition expected)
    {
        if (body.GracePeriodHours is < 0 or > MaxGraceHours)
        {
            throw new RefusedException(EdgeError.Invalid($"The grace period must be 0 to {MaxGraceHours} hours.", "grace_period_hours"));
        }

        var grace = TimeSpan.FromHours(body.GracePeriodHours ?? DefaultGraceHours);
        var created = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var old = await FindAsync(database, projectId, keyId);
            expected.Check(ApiKeyView.TagOf(old));
            return await ReplaceAsync(database, old, grace);
        });
        await changes.AfterChangeAsync(() => keys.InvalidateAsync(KeyHash.From(created.Successor.Hash)));
        await changes.AfterChangeAsync(() => keys.InvalidateAsync(KeyHash.From(created.Old.Hash)));
        if (created.MovesBudget)
        {
            await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        }

        return Tag(created.Successor, created.FullKey);
    }

    /// <summary>Creates the record of a key without saving it. Only the result contains the full key.</summary>
    public static (ApiKeyRecord Record, string FullKey) NewKey(string projectId, string name, KeyType type, KeyEnvironment environment, TimeProvider time, string? agentId = null, string? id = null)
    {
        var key = ProjectKey.Generate(ProjectKey.Prefix(type, environment));
        var record = new ApiKeyRecord
        {
            Id = id ?? NewId(),
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

    /// <summary>Creates the record of a key from a checked body.</summary>
    public static (ApiKeyRecord Record, string FullKey) NewKey(string projectId, NewApiKey body, TimeProvider time, string? id = null)
    {
        var (record, fullKey) = NewKey(projectId, body.Name, body.KeyType, body.Environment, time, body.AgentId, id);
        record.AllowedDomains = Checks.NormalizeDomains(body.AllowedDomains);
        record.AllowedModels = body.AllowedModels;
        record.AllowedCidrs = body.AllowedCidrs is { } cidrs ? Checks.NormalizeCidrs(cidrs) : null;
        record.ExpiresAt = body.ExpiresAt;
        return (record, fullKey);
    }

    /// <exception cref="RefusedException">There is no such key in the project.</exception>
    public static async Task<ApiKeyRecord> FindAsync(EdgeDbContext database, string projectId, string keyId) =>
        await database.ApiKeys.SingleOrDefaultAsync(row => row.Id == keyId && row.ProjectId == projectId)
        ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such key in this project."));

    private async Task<Replacement> ReplaceAsync(EdgeDbContext database, ApiKeyRecord old, TimeSpan grace)
    {
        // This check comes first: a rotated key may also have expired, and this error is more helpful.
        if (old.ReplacedBy is not null)
        {
            throw new RefusedException(new EdgeError(ErrorKind.Conflict, $"This key has been rotated already. Rotate its successor '{old.ReplacedBy}'."));
        }

        var now = time.GetUtcNow();
        if (old.RevokedAt is not null || old.ExpiresAt <= now)
        {
            throw new RefusedException(EdgeError.Invalid("To rotate a key, it must not be revoked or expired. Create a new key."));
        }

        var (record, fullKey) = NewKey(old.ProjectId, old.Name, old.Type, old.Environment, time, old.AgentId);
        record.AllowedDomains = old.AllowedDomains;
        record.AllowedModels = old.AllowedModels;
        record.AllowedCidrs = old.AllowedCidrs;
        record.ExpiresAt = old.ExpiresAt;

        var end = now + grace;
        old.ExpiresAt = old.ExpiresAt < end ? old.ExpiresAt : end;
        old.ReplacedBy = record.Id;
        database.ApiKeys.Add(record);
        return new(old, record, fullKey, await BudgetEditor.TryCopyAsync(database, sealer, old, record));
    }

    // Sets the time of last use in the row to a newer time that is not written to the database yet. The row is not saved.
    private static ApiKeyRecord Used(ApiKeyRecord row, IReadOnlyDictionary<string, DateTimeOffset> unwritten)
    {
        if (unwritten.TryGetValue(row.Id, out var at) && !(row.LastUsedAt > at))
        {
            row.LastUsedAt = at;
        }

        return row;
    }

    private Tagged<ApiKeyView> Tag(ApiKeyRecord row, string? fullKey = null) => new(ApiKeyView.Of(row, time.GetUtcNow(), fullKey), ApiKeyView.TagOf(row));

    private sealed record Replacement(ApiKeyRecord Old, ApiKeyRecord Successor, string FullKey, bool MovesBudget);
}
