namespace Cencori.Edge.Routing;

/// <summary>Who gets the share of a canary that is stopped.</summary>
internal static partial class TargetPicker
{
    // Those of a canary that is stopped go to the stable one, and no other canary gets any of them.
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
