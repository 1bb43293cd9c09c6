namespace Cencori.Edge.Routing;

/// <summary>How it is with a target, in one word.</summary>
internal enum TargetPhase
{
    /// <summary>It is asked as usual.</summary>
    Closed,

    /// <summary>Its wait is over, and one request finds out how it is now.</summary>
    HalfOpen,

    /// <summary>It is left alone because its provider has said so.</summary>
    Cooling,

    /// <summary>It is left alone because it has failed.</summary>
    Open,
}

/// <summary>What can be counted of them.</summary>
public sealed partial class Cooling
{
    /// <summary>Of each credential that is not asked as usual, for some model or for all, the worst that is known.</summary>
    internal Dictionary<(string CredentialId, string Version, string? Model), TargetPhase> Phases()
    {
        var phases = new Dictionary<(string, string, string?), TargetPhase>();
        foreach (var (target, state) in _states)
        {
            var key = (target.CredentialId, target.Version, target.Model);
            if (PhaseOf(state) is not TargetPhase.Closed and var phase && phase > phases.GetValueOrDefault(key))
            {
                phases[key] = phase;
            }
        }

        return phases;
    }

    private TargetPhase PhaseOf(CoolingState state)
    {
        lock (state)
        {
            var now = time.GetTimestamp();
            return state.Until == 0 ? TargetPhase.Closed
                : state.Until <= now ? TargetPhase.HalfOpen
                : state.HintedUntil > now ? TargetPhase.Cooling
                : state.Why is TargetOutcome.Failed or TargetOutcome.Silent or TargetOutcome.Forbidden ? TargetPhase.Open
                : TargetPhase.Cooling;
        }
    }
}
