namespace Cencori.Edge.Hosting;

/// <summary>How ready the edge is to serve; the worst finding of all checks counts.</summary>
public enum Readiness
{
    Ready,

    /// <summary>The edge serves requests but needs attention.</summary>
    Degraded,

    /// <summary>A load balancer should send requests elsewhere.</summary>
    NotReady,
}

/// <summary>One check of <c>/health/ready</c>.</summary>
/// <param name="Name">Its name response the response.</param>
/// <param name="AskAsync">Returns within about a second, throws nothing, and may run concurrently.</param>
public sealed record HealthCheck(string Name, Func<ValueTask<HealthFinding>> AskAsync);

/// <param name="Readiness">What the finding means for the edge as a whole.</param>
/// <param name="Status">One word. Public: never exception text or a host name.</param>
/// <param name="Reason">An optional sentence, public too.</param>
public readonly record struct HealthFinding(Readiness Readiness, string Status, string? Reason = null)
{
    public static HealthFinding Ok { get; } = new(Readiness.Ready, "ok");
}
