using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Agents;

/// <summary>
/// Lists, creates, reads, changes and deletes agents of a project, and creates their keys. Serves administrators and secret keys;
/// see <see cref="AgentPrivilegeCheck"/> for the limits of secret keys.
/// </summary>
internal sealed class AgentEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects, KeyCache keys, AgentPrivilegeCheck privilegeCheck, MemoryMaintenance memory, TimeProvider time)
{
    private const int MaxAgents = 500;
    private const int MaxKeys = 100;

    public async Task<List<AgentView>> ListAsync(string projectId) => (await ListTaggedAsync(projectId)).ConvertAll(agent => agent.Value);

    /// <summary>Lists agents, each with its ETag.</summary>
    public async Task<List<Tagged<AgentView>>> ListTaggedAsync(string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var rows = await database.Agents.AsNoTracking().Where(row => row.ProjectId == projectId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync();
        return rows.ConvertAll(Tag);
    }

    public async Task<Tagged<AgentView>> GetAsync(string projectId, string agentId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(await FindAsync(database, projectId, agentId));
    }

    /// <param name="actor">Who makes the change.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="body">The new agent.</param>
    /// <param name="caller">The secret key that makes the request. Null: an administrator makes it.</param>
    public async Task<Tagged<AgentView>> CreateAsync(AuditActor actor, string projectId, NewAgent body, Caller? caller = null)
    {
        (body.Check() ?? privilegeCheck.CheckModel(caller, body.Config?.Model.Value)).ThrowIfAny();
        var row = new AgentRecord
        {
            Id = Ids.New(Agent.IdPrefix),
            ProjectId = projectId,
            Name = body.Name,
            Description = AgentConfigBody.NotEmpty(body.Description),
            IsActive = body.IsActive,
            IsShadow = body.ShadowMode,

            // The time has only milliseconds, like the database, so that this response and later reads show the same time.
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
        body.Config?.Apply(row);
        return await SaveAsync(actor, projectId, async database => await database.Agents.CountAsync(agent => agent.ProjectId == projectId) < MaxAgents
            ? database.Agents.Add(row).Entity
            : throw new RefusedException(EdgeError.Invalid($"A project can have at most {MaxAgents} agents. Delete an agent first.")));
    }

    /// <inheritdoc cref="CreateAsync"/>
    public async Task<Tagged<AgentView>> ChangeAsync(AuditActor actor, string projectId, string agentId, AgentChange change, Precondition expected, Caller? caller = null)
    {
        (change.Check() ?? privilegeCheck.CheckModel(caller, change.Config?.Model.Value)).ThrowIfAny();
        return await SaveAsync(actor, projectId, async database =>
        {
            var row = await FindToChangeAsync(database, projectId, agentId, expected, caller);
            change.Apply(row);
            return row;
        });
    }

    /// <summary>Deletes the agent and its budget, and revokes its keys.</summary>
    public async Task DeleteAsync(AuditActor actor, string projectId, string agentId, Precondition expected, Caller? caller = null)
    {
        var hashes = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var row = await FindToChangeAsync(database, projectId, agentId, expected, caller);
            var ofAgent = await database.ApiKeys.Where(key => key.ProjectId == projectId && key.AgentId == agentId && key.RevokedAt == null).ToListAsync();
            ofAgent.ForEach(key => key.RevokedAt = time.GetUtcNow());
            database.Budgets.RemoveRange(await database.Budgets.Where(budget => budget.ProjectId == projectId && budget.KeyId == agentId).ToListAsync());
            await database.BudgetAlerts.Where(alert => alert.ProjectId == projectId && alert.KeyId == agentId).ExecuteDeleteAsync();
            database.Agents.Remove(row);
            return ofAgent.ConvertAll(key => key.Hash);
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        await changes.AfterChangeAsync(() => Task.WhenAll(hashes.Select(hash => keys.InvalidateAsync(KeyHash.From(hash)))));
        memory.Wake();
    }

    /// <returns>The new key. Only this result contains the full key.</returns>
    public async Task<ApiKeyView> CreateKeyAsync(AuditActor actor, string projectId, string agentId, NewAgentKey body, Caller? caller = null)
    {
        if (body.KeyType == KeyType.Publishable)
        {
            throw new RefusedException(EdgeError.Invalid("An agent's key cannot be publishable. Omit key_type, or send 'agent'.", "key_type"));
        }

        var defaultEnvironment = caller?.Key.Environment ?? KeyEnvironment.Production;
        if (defaultEnvironment == KeyEnvironment.Test && body.Environment == KeyEnvironment.Production)
        {
            // A production key could use production credentials, which the caller's test key may not use.
            throw new RefusedException(EdgeError.Forbidden("A test key can only create keys of the test environment.", Reasons.KeyType));
        }

        var (created, fullKey) = await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            var agent = await FindAsync(database, projectId, agentId);
            var requested = await AgentPrivilegeCheck.LimitAsync(caller, database, body.Of(agent.Id, agent.Name, defaultEnvironment));
            requested.Check(time.GetUtcNow()).ThrowIfAny();
            if (await database.ApiKeys.CountAsync(key => key.ProjectId == projectId && key.AgentId == agentId && key.RevokedAt == null) >= MaxKeys)
            {
                throw new RefusedException(EdgeError.Invalid($"An agent can have at most {MaxKeys} keys. Revoke a key first."));
            }

            var created = ApiKeyEditor.NewKey(projectId, requested, time);
            database.ApiKeys.Add(created.Record);
            return created;
        });
        await changes.AfterChangeAsync(() => keys.InvalidateAsync(KeyHash.From(created.Hash)));
        return ApiKeyView.Of(created, time.GetUtcNow(), fullKey);
    }

    /// <exception cref="RefusedException">The project has no such agent.</exception>
    public static async Task<AgentRecord> FindAsync(EdgeDbContext database, string projectId, string agentId)
    {
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        return await database.Agents.SingleOrDefaultAsync(row => row.Id == agentId && row.ProjectId == projectId)
            ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such agent in this project."));
    }

    private async Task<AgentRecord> FindToChangeAsync(EdgeDbContext database, string projectId, string agentId, Precondition expected, Caller? caller)
    {
        var row = await FindAsync(database, projectId, agentId);
        expected.Check(AgentView.TagOf(row));
        await privilegeCheck.CheckChangeAsync(caller, database, row);
        return row;
    }

    private static Tagged<AgentView> Tag(AgentRecord row) => new(AgentView.Of(row), AgentView.TagOf(row));

    private async Task<Tagged<AgentView>> SaveAsync(AuditActor actor, string projectId, Func<EdgeDbContext, Task<AgentRecord>> make)
    {
        var saved = await changes.MakeToProjectAsync(actor, projectId, (database, _) => make(database));
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        return Tag(saved);
    }
}
