using System.Collections.Concurrent;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Ids of agents as metrics may carry them. A secret key can make and delete agents as often as it likes, and each id would be a series for
/// as long as the process lives: the first so many are kept.
/// </summary>
public sealed class AgentLabels
{
    public const int Most = 500;

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public string Of(string agentId) =>
        _known.ContainsKey(agentId) || (_known.Count < Most && _known.TryAdd(agentId, true)) ? agentId : GenAi.Other;
}
