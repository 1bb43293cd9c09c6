using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Metrics;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Reads the data of one key's page.</summary>
internal sealed class KeyReader(ApiKeyEditor keys, BudgetEditor budgets, AgentEditor agents, UsageReader usage, TimeProvider time)
{
    private static readonly TimeSpan ThirtyDays = TimeSpan.FromDays(30);

    public DateTimeOffset Now => time.GetUtcNow();

    /// <exception cref="RefusedException">The project has no such key.</exception>
    public async Task<KeyModel> ReadAsync(PageRequest page, string keyId)
    {
        var (project, now) = (page.Project.Id, Now);
        var key = await keys.GetAsync(project, keyId);
        var budget = await budgets.GetAsync(BudgetTarget.OfKey(project, keyId), page.Aborted);
        var others = (await keys.ListAsync(project)).Where(other => other.ReplacedBy == keyId || other.Id == key.Value.ReplacedBy).ToList();
        var agent = key.Value.AgentId is { } id ? (await agents.ListAsync(project)).Find(one => one.Id == id) : null;
        return new()
        {
            Row = new(key.Value, now),
            Tag = key.Tag,
            Budget = budget.Value,
            BudgetTag = budget.Tag,
            Before = others.Where(other => other.ReplacedBy == keyId).Select(other => new KeyRow(other, now)).FirstOrDefault(),
            After = others.Where(other => other.Id == key.Value.ReplacedBy).Select(other => new KeyRow(other, now)).FirstOrDefault(),
            AgentName = agent?.Name,
            Use = await UseAsync(project, keyId, ThirtyDays, page.Aborted),
        };
    }

    /// <summary>Reads the usage of a key per day, in the period that ends now.</summary>
    /// <returns>Null: the database is busy; the page is shown without usage.</returns>
    public async Task<UsageResult?> UseAsync(string project, string keyId, TimeSpan period, CancellationToken cancellation)
    {
        try
        {
            return await usage.ReadAsync(
                new() { ProjectId = project, From = Now - period, To = Now.AddMilliseconds(1), Step = UsageStep.Day, Keys = [keyId] }, cancellation);
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }
}

/// <summary>Everything that the page of one key shows.</summary>
public sealed record KeyModel
{
    public required KeyRow Row { get; init; }

    public required string Tag { get; init; }

    public required BudgetView Budget { get; init; }

    public required string BudgetTag { get; init; }

    /// <summary>The key that this one replaced by rotation; null: none.</summary>
    public KeyRow? Before { get; init; }

    /// <summary>The key that replaced this one by rotation; null: none.</summary>
    public KeyRow? After { get; init; }

    /// <summary>The name of the key's agent. Null: the key belongs to no agent, or the agent was deleted.</summary>
    public string? AgentName { get; init; }

    /// <summary>Usage of the last 30 days, per day; null: the database was busy.</summary>
    public UsageResult? Use { get; init; }

    public FormState Edited { get; init; } = FormState.Empty;

    public FormState Budgeted { get; init; } = FormState.Empty;
}
