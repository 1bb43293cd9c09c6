using Cencori.Edge.Exchanges;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing;

/// <summary>A request that may have to wait until somebody can be asked.</summary>
/// <param name="projectId">Whose it is.</param>
/// <param name="keyId">With which key it came.</param>
/// <param name="priority">What goes first.</param>
/// <param name="clock">The request's.</param>
/// <param name="left">The caller does not wait any more.</param>
internal sealed class QueuedRequest(string projectId, string keyId, WaitPriority priority, RequestClock clock, CancellationToken left) : IDisposable
{
    public QueuedRequest(Exchange exchange)
        : this(exchange.Caller!.Project.Id, exchange.Caller.Key.Id, WaitPriorities.Of(exchange), exchange.Clock, exchange.Context.RequestAborted)
    {
    }

    public string ProjectId => projectId;

    public string KeyId => keyId;

    public WaitPriority Priority => priority;

    public RequestClock Clock => clock;

    public CancellationToken Left => left;

    /// <summary>The ids of the credentials in whose limits it waits for room; empty: it waits for a provider that has said to wait, and takes from nobody.</summary>
    public string[] WaitsFor { get; set; } = [];

    /// <summary>Null: it does not wait.</summary>
    public ProjectQueue? Queue { get; set; }

    /// <summary>Its place among those of its key.</summary>
    public long Number { get; set; }

    /// <summary>Timestamp of the clock: before that it has nothing to try.</summary>
    public long Due { get; set; }

    /// <summary>Timestamp of the clock: after that it does not wait.</summary>
    public long Deadline { get; set; }

    /// <summary>True: it is its turn to try. False: it has waited for as long as it may, or others need its place more. Null: nobody waits for that.</summary>
    public TaskCompletionSource<bool>? Turn { get; set; }

    /// <summary>Both wait for room in the same.</summary>
    public bool Meets(QueuedRequest other) => WaitsFor.AsSpan().ContainsAny(other.WaitsFor);

    /// <summary>It has been let through, or has given up.</summary>
    public void Dispose() => Queue?.Leave(this);
}
