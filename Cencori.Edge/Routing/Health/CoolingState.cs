namespace Cencori.Edge.Routing.Health;

/// <summary>The state of one target. Lock the object to read or change it.</summary>
internal sealed class CoolingState
{
    /// <summary>Timestamp of the end of the cool-down; 0: the target does not cool down.</summary>
    public long Until { get; set; }

    /// <summary>Timestamp until which the provider said to wait, never after <see cref="Until"/>; 0: the provider did not say.</summary>
    public long HintedUntil { get; set; }

    /// <summary>Timestamp of the last failure or refusal.</summary>
    public long At { get; set; }

    /// <summary>The reason of the cool-down that ends last.</summary>
    public TargetOutcome Reason { get; set; }

    /// <summary>Number of consecutive cool-downs.</summary>
    public int Times { get; set; }

    /// <summary>Number of consecutive failures.</summary>
    public int Failures { get; set; }

    /// <summary>Timestamp of the probe request; 0: no probe is in progress.</summary>
    public long ProbedAt { get; set; }
}
