namespace Cencori.Edge.Routing;

/// <summary>What is known of one target. To be locked by whoever reads or changes it.</summary>
internal sealed class CoolingState
{
    /// <summary>Timestamp until which it is left alone; 0: it is not.</summary>
    public long Until { get; set; }

    /// <summary>Timestamp until which its provider has said to wait, never after <see cref="Until"/>; 0: it has not said so.</summary>
    public long HintedUntil { get; set; }

    /// <summary>Timestamp of what happened last.</summary>
    public long At { get; set; }

    /// <summary>Why it is left alone the longest.</summary>
    public TargetOutcome Why { get; set; }

    /// <summary>How often it was left alone, one time after the other.</summary>
    public int Times { get; set; }

    /// <summary>One after the other.</summary>
    public int Failures { get; set; }

    /// <summary>Timestamp at which a request was sent to find out how it is now; 0: none is under way.</summary>
    public long AskedAt { get; set; }
}
