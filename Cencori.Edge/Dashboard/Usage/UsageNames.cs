using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Metrics;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>Finds the names to show for groups and filter values, such as key ids.</summary>
public sealed class UsageNames(IReadOnlyDictionary<string, string> keys, IReadOnlyDictionary<string, string> agents)
{
    // Equals RollupKey.OtherModels: in roll-ups this name stands for all models beyond the maximum number of model names.
    private const string OtherModels = "_OTHER";

    public IReadOnlyDictionary<string, string> Keys => keys;

    public IReadOnlyDictionary<string, string> Agents => agents;

    /// <summary>Reads the names of the project's keys and agents.</summary>
    internal static async Task<UsageNames> ReadAsync(string projectId, ApiKeyEditor keys, AgentEditor agents) => new(
        (await keys.ListAsync(projectId)).ToDictionary(key => key.Id, key => $"{SafeText.Of(key.Name)} ({key.KeyPrefix}…{key.LastFour})"),
        (await agents.ListAsync(projectId)).ToDictionary(agent => agent.Id, agent => SafeText.Of(agent.Name)));

    /// <summary>The name of a group's series. Untrusted parts went through <see cref="SafeText"/>.</summary>
    public string Of(UsageGroup group, UsageSeries series) => (series.Kind, group, series.Name) switch
    {
        (UsageSeriesKind.Other, _, _) => "Other",
        (UsageSeriesKind.Unknown, _, _) => "Unknown",
        (_, UsageGroup.Agent, "") => "No agent",
        (_, UsageGroup.Key, "") => "No key",
        (_, _, "") => "None (refused before a model or provider was chosen)",
        (_, UsageGroup.Model, OtherModels) => "Other models (too many to list each name)",
        (_, UsageGroup.Key, var id) => keys.GetValueOrDefault(id) ?? OwnKeys.NameOf(id) ?? $"A deleted key ({SafeText.Of(id)})",
        (_, UsageGroup.Agent, var id) => agents.GetValueOrDefault(id) ?? $"A deleted agent ({SafeText.Of(id)})",
        (_, _, var name) => SafeText.Of(name),
    };

    /// <summary>The name of a filter value in the URL. Untrusted parts went through <see cref="SafeText"/>.</summary>
    public string Of(string filter, string value) => filter switch
    {
        "key" => keys.GetValueOrDefault(value) ?? OwnKeys.NameOf(value) ?? SafeText.Of(value),
        "agent" => agents.GetValueOrDefault(value) ?? SafeText.Of(value),
        _ => SafeText.Of(value),
    };
}
