using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>The roll-up table, and the rows in it, that a usage query reads.</summary>
/// <param name="Table">The table.</param>
/// <param name="Scope">Selects the rows.</param>
/// <param name="GroupOf">Returns the group of a cell.</param>
internal sealed record UsageSource(RollupTable Table, UsageScope Scope, Func<UsageCell, string> GroupOf)
{
    /// <returns>Null: no table has the query's combination of filters and group.</returns>
    public static UsageSource? Of(UsageQuery query, UsageStep step)
    {
        var isOfModel = query.Models.Count > 0 || query.Providers.Count > 0 || query.Group is UsageGroup.Model or UsageGroup.Provider;
        var isOfKey = query.Keys.Count > 0 || query.Group == UsageGroup.Key;
        var isOfAgent = query.Agents.Count > 0 || query.Group == UsageGroup.Agent;
        var scope = new UsageScope(query.ProjectId, query.Environment);
        return (isOfModel, isOfKey, isOfAgent) switch
        {
            (_, false, false) => new(
                step == UsageStep.Minute ? RollupTable.Minutes : RollupTable.Hours, scope with { Kinds = query.Providers, Names = query.Models }, Grouping(query.Group)),
            (false, true, false) when step != UsageStep.Minute => new(RollupTable.Callers, scope with { Kinds = [RollupKey.KeyKind], Names = query.Keys }, Grouping(query.Group)),
            (false, false, true) when step != UsageStep.Minute => new(RollupTable.Callers, scope with { Kinds = [RollupKey.AgentKind], Names = query.Agents }, Grouping(query.Group)),
            _ => null,
        };
    }

    /// <summary>The name of an environment's series.</summary>
    public static string NameOf(KeyEnvironment environment) => environment == KeyEnvironment.Production ? "production" : "test";

    private static Func<UsageCell, string> Grouping(UsageGroup group) => group switch
    {
        UsageGroup.None => static _ => "",
        UsageGroup.Provider => static cell => cell.Kind,
        UsageGroup.Environment => static cell => NameOf(cell.Environment),
        _ => static cell => cell.Name,
    };
}
