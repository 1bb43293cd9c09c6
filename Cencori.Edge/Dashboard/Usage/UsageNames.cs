using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Metrics;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>What groups and filters are called, where an address and a table of sums know them by their ids.</summary>
public sealed class UsageNames(IReadOnlyDictionary<string, string> keys, IReadOnlyDictionary<string, string> agents)
{
    // RollupKey.OtherModels stands for models of which there are too many to be told apart.
    private const string OtherModels = "_OTHER";

    public IReadOnlyDictionary<string, string> Keys => keys;

    public IReadOnlyDictionary<string, string> Agents => agents;

    /// <summary>Only what the page needs is read.</summary>
    internal static async Task<UsageNames> ReadAsync(string projectId, ApiKeyEditor keys, AgentEditor agents) => new(
        (await keys.ListAsync(projectId)).ToDictionary(key => key.Id, key => $"{SafeText.Of(key.Name)} ({key.KeyPrefix}…{key.LastFour})"),
        (await agents.ListAsync(projectId)).ToDictionary(agent => agent.Id, agent => SafeText.Of(agent.Name)));

    /// <summary>Safe to be shown.</summary>
    public string Of(UsageGroup group, UsageSeries series) => (series.Kind, group, series.Name) switch
    {
        (UsageSeriesKind.Other, _, _) => "Other",
        (UsageSeriesKind.Unknown, _, _) => "Not known",
        (_, UsageGroup.Agent, "") => "No agent",
        (_, UsageGroup.Key, "") => "No key",
        (_, _, "") => "None: refused before one was chosen",
        (_, UsageGroup.Model, OtherModels) => "Models beyond the first thousands",
        (_, UsageGroup.Key, var id) => keys.GetValueOrDefault(id) ?? OwnKeys.NameOf(id) ?? $"A deleted key ({SafeText.Of(id)})",
        (_, UsageGroup.Agent, var id) => agents.GetValueOrDefault(id) ?? $"A deleted agent ({SafeText.Of(id)})",
        (_, _, var name) => SafeText.Of(name),
    };

    /// <summary>Of a filter of the address.</summary>
    public string Of(string filter, string value) => filter switch
    {
        "key" => keys.GetValueOrDefault(value) ?? OwnKeys.NameOf(value) ?? SafeText.Of(value),
        "agent" => agents.GetValueOrDefault(value) ?? SafeText.Of(value),
        _ => SafeText.Of(value),
    };
}
