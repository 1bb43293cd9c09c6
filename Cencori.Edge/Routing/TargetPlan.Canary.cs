namespace Cencori.Edge.Routing;

/// <summary>Whose canaries are watched.</summary>
internal sealed partial class TargetPlan
{
    /// <summary>One of the groups has canaries that are watched.</summary>
    public bool IsWatched { get; private set; }

    /// <summary>The group that was added last has canaries that are watched.</summary>
    public void Watch(CanaryTrial? trial)
    {
        Groups = Groups.SetItem(Groups.Length - 1, Groups[^1] with { Trial = trial });
        IsWatched |= trial is not null;
    }

    /// <summary>The group of a candidate; null: there is none.</summary>
    /// <param name="place">The candidate's.</param>
    public PlanGroup? GroupOf(int place)
    {
        foreach (var group in Groups)
        {
            if ((group.Bits >> place & 1) != 0)
            {
                return group;
            }
        }

        return null;
    }
}
