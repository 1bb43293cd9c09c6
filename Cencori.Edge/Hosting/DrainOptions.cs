namespace Cencori.Edge.Hosting;

/// <summary>How an edge shuts down. Section <c>Drain</c>.</summary>
public sealed class DrainOptions
{
    public const string Section = "Drain";

    /// <summary>Seconds for which a draining edge still takes new requests, because load balancers need time to send them elsewhere. Default 5; 0 is allowed.</summary>
    public int GraceSeconds { get; set; } = 5;

    /// <summary>Seconds after the grace for open requests to finish. After that the edge cuts them. Default 120; 0 is allowed.</summary>
    public int TimeoutSeconds { get; set; } = 120;

    internal TimeSpan Grace => TimeSpan.FromSeconds(GraceSeconds);

    internal TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds);

    internal bool IsValid => GraceSeconds is >= 0 and <= 86_400 && TimeoutSeconds is >= 0 and <= 86_400;
}
