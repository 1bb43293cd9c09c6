namespace Cencori.Edge.Routing.Health;

/// <summary>The state of a target's circuit breaker.</summary>
internal enum TargetPhase
{
    /// <summary>The target gets requests as usual.</summary>
    Closed,

    /// <summary>The cool-down is over, and one probe request finds out whether the target works.</summary>
    HalfOpen,

    /// <summary>The target cools down because its provider said so.</summary>
    Cooling,

    /// <summary>The target cools down because it failed.</summary>
    Open,
}

/// <summary>States of targets, for metrics.</summary>
public sealed partial class Cooling
{
    /// <summary>The worst known state of each credential and model, over all endpoints. Leaves out targets in the state <see cref="TargetPhase.Closed"/>.</summary>
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
                : state.Reason is TargetOutcome.Failed or TargetOutcome.Silent or TargetOutcome.Forbidden ? TargetPhase.Open
                : TargetPhase.Cooling;
        }
    }
}
