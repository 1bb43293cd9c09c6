using System.Collections.Concurrent;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Agent ids for use as metric labels. A secret key can create any number of agents, and each id would be a time series for the
/// lifetime of the process, so only the first <see cref="Max"/> ids are kept.
/// </summary>
public sealed class AgentLabels
{
    public const int Max = 500;

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public string Of(string agentId) =>
        _known.ContainsKey(agentId) || (_known.Count < Max && _known.TryAdd(agentId, true)) ? agentId : GenAi.Other;
}
