namespace Cencori.Edge.Hosting;

/// <summary>How far the edge can be relied on; the worst of all findings counts.</summary>
public enum Readiness
{
    Ready,

    /// <summary>It serves, and somebody should look at it.</summary>
    Degraded,

    /// <summary>A load balancer should send requests elsewhere.</summary>
    NotReady,
}

/// <summary>One thing that <c>/health/ready</c> looks at.</summary>
/// <param name="Name">As the response shows it.</param>
/// <param name="AskAsync">Comes back within about a second, throws nothing, and may be called any number of times at once.</param>
public sealed record HealthCheck(string Name, Func<ValueTask<HealthFinding>> AskAsync);

/// <param name="Readiness">What it means for the edge as a whole.</param>
/// <param name="Status">A word. Anybody may read it, so it never is an exception's text or the name of a host.</param>
/// <param name="Reason">A sentence, where there is one that likewise anybody may read.</param>
public readonly record struct HealthFinding(Readiness Readiness, string Status, string? Reason = null)
{
    public static HealthFinding Ok { get; } = new(Readiness.Ready, "ok");
}
