using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Routing.Selection;

/// <summary>Links groups to their canary trials.</summary>
internal sealed partial class TargetPlan
{
    /// <summary>Whether a group of the plan has a canary trial.</summary>
    public bool IsWatched { get; private set; }

    /// <summary>Sets the trial of the group that was added last.</summary>
    public void Watch(CanaryTrial? trial)
    {
        Groups = Groups.SetItem(Groups.Length - 1, Groups[^1] with { Trial = trial });
        IsWatched |= trial is not null;
    }

    /// <summary>Returns the group of a candidate. Null: there is none.</summary>
    /// <param name="place">The candidate's index.</param>
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
