using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>The roll-up table that answers a question.</summary>
/// <param name="Table">The table.</param>
/// <param name="Scope">The rows that count.</param>
/// <param name="GroupOf">Returns the group of a cell.</param>
internal sealed record UsageSource(RollupTable Table, UsageScope Scope, Func<UsageCell, string> GroupOf)
{
    /// <returns>Null: no table has this combination.</returns>
    public static UsageSource? Of(UsageQuery question, UsageStep step)
    {
        var isOfModel = question.Models.Count > 0 || question.Providers.Count > 0 || question.Group is UsageGroup.Model or UsageGroup.Provider;
        var isOfKey = question.Keys.Count > 0 || question.Group == UsageGroup.Key;
        var isOfAgent = question.Agents.Count > 0 || question.Group == UsageGroup.Agent;
        var scope = new UsageScope(question.ProjectId, question.Environment);
        return (isOfModel, isOfKey, isOfAgent) switch
        {
            (_, false, false) => new(
                step == UsageStep.Minute ? RollupTable.Minutes : RollupTable.Hours, scope with { Kinds = question.Providers, Names = question.Models }, Grouping(question.Group)),
            (false, true, false) when step != UsageStep.Minute => new(RollupTable.Callers, scope with { Kinds = [RollupKey.KeyKind], Names = question.Keys }, Grouping(question.Group)),
            (false, false, true) when step != UsageStep.Minute => new(RollupTable.Callers, scope with { Kinds = [RollupKey.AgentKind], Names = question.Agents }, Grouping(question.Group)),
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
