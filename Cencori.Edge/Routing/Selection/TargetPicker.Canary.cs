namespace Cencori.Edge.Routing.Selection;

/// <summary>Gives the share of a stopped canary to the stable target.</summary>
internal static partial class TargetPicker
{
    // Requests of a stopped canary go to the stable target, and never to another canary.
    private static int Divide(TargetPlan plan, PlanGroup group, ulong among, ReadOnlySpan<double> shares, ulong spread)
    {
        var place = Meet(plan, among, shares, spread);
        if (group.Trial is not { Stopped: not 0 and var stopped } trial)
        {
            return place;
        }

        var going = among;
        for (var target = 0; target < group.Targets.Length; target++)
        {
            going &= (stopped >> target & 1) != 0 ? ~group.Targets[target].Bits : ulong.MaxValue;
        }

        var stable = going & group.Targets[trial.Stable].Bits;
        return going == 0 || (going >> place & 1) != 0 ? place : Meet(plan, stable == 0 ? going : stable, shares, spread);
    }
}
