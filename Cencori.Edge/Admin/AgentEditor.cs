using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>Agents of a project: list, make, read, change, delete, and keys for them. For administrators and for secret keys alike.</summary>
internal sealed class AgentEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects, KeyCache keys, AgentMaker maker, TimeProvider time)
{
    private const int MostAgents = 500;
    private const int MostKeys = 100;

    public async Task ListAsync(HttpContext context, string projectId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is not null)
        {
            var rows = await database.Agents.AsNoTracking().Where(row => row.ProjectId == projectId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync();
            await context.AnswerAsync(StatusCodes.Status200OK, new AgentsAnswer(rows.ConvertAll(AgentView.Of)));
        }
    }

    public async Task CreateAsync(HttpContext context, string projectId)
    {
        if (await context.ReadBodyAsync<NewAgent>() is not { } body)
        {
            return;
        }

        if ((body.Check() ?? maker.CheckModel(context, body.Config?.Model.Value)) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        var row = new AgentRecord
        {
            Id = ProjectsApi.NewId(Agent.IdPrefix),
            ProjectId = projectId,
            Name = body.Name,
            Description = AgentConfigBody.NotEmpty(body.Description),
            IsActive = body.IsActive,
            IsShadow = body.ShadowMode,

            // As it is stored, so that it is read as it was made.
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
        body.Config?.Apply(row);
        await SaveAsync(context, projectId, StatusCodes.Status201Created, async database =>
        {
            if (await database.Agents.CountAsync(agent => agent.ProjectId == projectId) < MostAgents)
            {
                return database.Agents.Add(row).Entity;
            }

            await context.Refuse(EdgeError.Invalid($"A project has at most {MostAgents} agents."));
            return null;
        });
    }

    public async Task GetAsync(HttpContext context, string projectId, string agentId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await FindAsync(context, database, projectId, agentId) is { } row)
        {
            await AnswerAsync(context, StatusCodes.Status200OK, row);
        }
    }

    public async Task ChangeAsync(HttpContext context, string projectId, string agentId)
    {
        if (await context.ReadBodyAsync<AgentChange>() is not { } change)
        {
            return;
        }

        if ((change.Check() ?? maker.CheckModel(context, change.Config?.Model.Value)) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        await SaveAsync(context, projectId, StatusCodes.Status200OK, async database =>
        {
            if (await FindToChangeAsync(context, database, projectId, agentId) is not { } row)
            {
                return null;
            }

            change.Apply(row);
            return row;
        });
    }

    /// <returns>False: the request was refused.</returns>
    public async Task<bool> DeleteAsync(HttpContext context, string projectId, string agentId)
    {
        var hashes = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await FindToChangeAsync(context, database, projectId, agentId) is not { } row)
            {
                return null;
            }

            var ofAgent = await database.ApiKeys.Where(key => key.ProjectId == projectId && key.AgentId == agentId && key.RevokedAt == null).ToListAsync();
            ofAgent.ForEach(key => key.RevokedAt = time.GetUtcNow());
            database.Budgets.RemoveRange(await database.Budgets.Where(budget => budget.ProjectId == projectId && budget.KeyId == agentId).ToListAsync());
            await database.BudgetAlerts.Where(alert => alert.ProjectId == projectId && alert.KeyId == agentId).ExecuteDeleteAsync();
            database.Agents.Remove(row);
            return ofAgent.ConvertAll(key => key.Hash);
        });
        if (hashes is null)
        {
            return false;
        }

        await projects.InvalidateAsync(projectId);
        await Task.WhenAll(hashes.Select(hash => keys.InvalidateAsync(KeyHash.From(hash))));
        return true;
    }

    /// <returns>The key, which is shown once; null: the request was refused.</returns>
    public async Task<ApiKeyView?> CreateKeyAsync(HttpContext context, string projectId, string agentId)
    {
        var body = await context.ReadBodyIfAnyAsync<NewAgentKey>();
        if (body is null)
        {
            return null;
        }

        if (body.KeyType == KeyType.Publishable)
        {
            await context.Refuse(EdgeError.Invalid("A key of an agent is of the type 'agent', and not for browsers.", "key_type"));
            return null;
        }

        var usual = context.GetCaller()?.Key.Environment ?? KeyEnvironment.Production;
        if (usual == KeyEnvironment.Test && body.Environment == KeyEnvironment.Production)
        {
            // It would be let to credentials that the key which makes it is kept from.
            await context.Refuse(EdgeError.Forbidden("A test key makes keys of the test environment only.", Reasons.KeyType));
            return null;
        }

        var fullKey = "";
        var made = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await FindAsync(context, database, projectId, agentId) is not { } agent)
            {
                return null;
            }

            var (wanted, problem) = await AgentMaker.LimitAsync(context, database, body.Of(agent.Id, agent.Name, usual));
            problem ??= wanted.Check(time.GetUtcNow());
            if (problem is null && await database.ApiKeys.CountAsync(key => key.ProjectId == projectId && key.AgentId == agentId && key.RevokedAt == null) >= MostKeys)
            {
                problem = EdgeError.Invalid($"An agent has at most {MostKeys} keys. Revoke some first.");
            }

            if (problem is not null)
            {
                await context.Refuse(problem);
                return null;
            }

            (var record, fullKey) = ApiKeysApi.NewKey(projectId, wanted, time);
            return database.ApiKeys.Add(record).Entity;
        });
        if (made is null)
        {
            return null;
        }

        await keys.InvalidateAsync(KeyHash.From(made.Hash));
        return ApiKeyView.Of(made, time.GetUtcNow(), fullKey);
    }

    /// <summary>The agent, or a refused request and null.</summary>
    public static async Task<AgentRecord?> FindAsync(HttpContext context, EdgeDbContext database, string projectId, string agentId)
    {
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return null;
        }

        if (await database.Agents.SingleOrDefaultAsync(row => row.Id == agentId && row.ProjectId == projectId) is { } row)
        {
            return row;
        }

        await context.Refuse(new EdgeError(ErrorKind.NotFound, "There is no such agent in this project."));
        return null;
    }

    private async Task<AgentRecord?> FindToChangeAsync(HttpContext context, EdgeDbContext database, string projectId, string agentId)
    {
        if (await FindAsync(context, database, projectId, agentId) is not { } row || !await context.ExpectsAsync(AgentView.TagOf(row)))
        {
            return null;
        }

        if (await maker.CheckChangeAsync(context, database, row) is { } problem)
        {
            await context.Refuse(problem);
            return null;
        }

        return row;
    }

    private static Task AnswerAsync(HttpContext context, int status, AgentRecord row) => context.AnswerAsync(status, AgentView.Of(row), AgentView.TagOf(row));

    private async Task SaveAsync(HttpContext context, string projectId, int status, Func<EdgeDbContext, Task<AgentRecord?>> make)
    {
        if (await changes.MakeToProjectAsync(context, projectId, (database, _) => make(database)) is { } saved)
        {
            await projects.InvalidateAsync(projectId);
            await AnswerAsync(context, status, saved);
        }
    }
}
