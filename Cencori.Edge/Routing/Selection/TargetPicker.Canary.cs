namespace Cencori.Edge.Routing.Selection;

/// <summary>Gives the share of a stopped canary to the stable target.</summary>
internal static partial class TargetPicker
{
    // Requests of a stopped canary go to the stable target, and never to another canary.
    private static int Divide(TargetPlan plan, PlanGroup group, ulong among, ReadOnlySpan<double> shares, ulong spread)
    {
        var place = PickByRendezvousHash(plan, among, shares, spread);
        if (group.Trial is not { Stopped: not 0 and var stopped } trial)
        {
            return place;
        }

        var notStopped = among;
        for (var target = 0; target < group.Targets.Length; target++)
        {
            notStopped &= (stopped >> target & 1) != 0 ? ~group.Targets[target].Bits : ulong.MaxValue;
        }

        var stable = notStopped & group.Targets[trial.Stable].Bits;
        return notStopped == 0 || (notStopped >> place & 1) != 0 ? place : PickByRendezvousHash(plan, stable == 0 ? notStopped : stable, shares, spread);
    }
}
