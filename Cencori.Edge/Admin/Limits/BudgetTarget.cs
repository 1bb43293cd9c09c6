using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Limits;

/// <summary>The owner of a budget: a project, or one of its keys or agents.</summary>
public readonly record struct BudgetTarget
{
    private readonly bool _isAgent;

    private BudgetTarget(string projectId, string? id, bool isAgent) => (ProjectId, Id, _isAgent) = (projectId, id, isAgent);

    public string ProjectId { get; }

    /// <summary>Id of the key or agent. Ids of keys and agents have different prefixes. Null: the project itself.</summary>
    public string? Id { get; }

    /// <summary>Value of the column <c>KeyId</c> in the budget's row.</summary>
    internal string KeyId => Id ?? Budget.OfProject;

    public static BudgetTarget OfProject(string projectId) => new(projectId, null, isAgent: false);

    public static BudgetTarget OfKey(string projectId, string keyId) => new(projectId, keyId, isAgent: false);

    public static BudgetTarget OfAgent(string projectId, string agentId) => new(projectId, agentId, isAgent: true);

    /// <exception cref="RefusedException">The owner does not exist.</exception>
    internal async Task CheckAsync(EdgeDbContext database)
    {
        await ProjectEditor.CheckIsThereAsync(database, ProjectId);
        if (_isAgent)
        {
            await AgentEditor.FindAsync(database, ProjectId, Id!);
        }
        else if (Id is not null)
        {
            await ApiKeyEditor.FindAsync(database, ProjectId, Id);
        }
    }
}
