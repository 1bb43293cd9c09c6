namespace Cencori.Edge.Hosting;

/// <summary>How ready the edge is to serve requests. The worst finding of all checks decides for the edge.</summary>
public enum Readiness
{
    Ready,

    /// <summary>The edge serves requests but needs attention.</summary>
    Degraded,

    /// <summary>A load balancer should send requests elsewhere.</summary>
    NotReady,
}

/// <summary>One check of <c>/health/ready</c>.</summary>
/// <param name="Name">The check's name in the response.</param>
/// <param name="AskAsync">Runs the check. Returns within about a second, throws nothing, and may run concurrently.</param>
public sealed record HealthCheck(string Name, Func<ValueTask<HealthFinding>> AskAsync);

/// <param name="Readiness">What the finding means for the edge as a whole.</param>
/// <param name="Status">The state in one word. Anybody can read it, so it never contains exception text or a host name.</param>
/// <param name="Reason">A sentence that explains the status; anybody can read it too. Null: none.</param>
public readonly record struct HealthFinding(Readiness Readiness, string Status, string? Reason = null)
{
    public static HealthFinding Ok { get; } = new(Readiness.Ready, "ok");
}
