using Cencori.Edge.Exchanges;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing.Attempts;

/// <summary>A request that may have to wait until a target has room.</summary>
/// <param name="projectId">The project.</param>
/// <param name="keyId">The key of the request.</param>
/// <param name="priority">The order of waiting requests.</param>
/// <param name="clock">The clock of the request.</param>
/// <param name="aborted">Cancelled when the caller leaves.</param>
internal sealed class QueuedRequest(string projectId, string keyId, WaitPriority priority, RequestClock clock, CancellationToken aborted) : IDisposable
{
    public QueuedRequest(Exchange exchange)
        : this(exchange.Caller!.Project.Id, exchange.Caller.Key.Id, WaitPriorities.Of(exchange), exchange.Clock, exchange.Context.RequestAborted)
    {
    }

    public string ProjectId => projectId;

    public string KeyId => keyId;

    public WaitPriority Priority => priority;

    public RequestClock Clock => clock;

    public CancellationToken Aborted => aborted;

    /// <summary>
    /// Ids of the credentials whose limits the request waits for. Empty: a provider asked for the wait, so the request holds back no other request.
    /// </summary>
    public string[] WaitsFor { get; set; } = [];

    /// <summary>The queue that the request waits in. Null: it does not wait.</summary>
    public ProjectQueue? Queue { get; set; }

    /// <summary>Order of arrival in the queue.</summary>
    public long Number { get; set; }

    /// <summary>Timestamp of the earliest useful attempt.</summary>
    public long Due { get; set; }

    /// <summary>Timestamp of the end of the wait.</summary>
    public long Deadline { get; set; }

    /// <summary>Result true: the request has its turn to try. False: the wait has timed out, or another request took the place. Null: nobody awaits the result.</summary>
    public TaskCompletionSource<bool>? Turn { get; set; }

    /// <summary>Whether both requests wait for room of the same credential.</summary>
    public bool SharesCredentialWith(QueuedRequest other) => WaitsFor.AsSpan().ContainsAny(other.WaitsFor);

    /// <summary>Removes the request from its queue, after it was sent or gave up.</summary>
    public void Dispose() => Queue?.Remove(this);
}
