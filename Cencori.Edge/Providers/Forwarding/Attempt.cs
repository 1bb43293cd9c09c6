using Cencori.Edge.Dialects;
using Cencori.Edge.Errors;
using Cencori.Edge.Metering;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records.Payloads;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>One attempt to send a request to one provider: the router's decisions, which the transforms carry out, and the outcome.</summary>
/// <param name="Provider">The target provider.</param>
/// <param name="Credential">The project's own credential. Null only for the sandbox.</param>
/// <param name="Path">The path after <c>/v1</c>, decoded.</param>
/// <param name="Model">The model name sent to the provider; null if the request names none.</param>
/// <param name="Owner">The exchange that the attempt belongs to.</param>
public sealed record Attempt(ProviderDefinition Provider, ProviderCredential? Credential, PathString Path, string? Model, IAttemptOwner Owner)
{
    /// <summary>
    /// True: the edge asked for usage in the stream and the caller did not, so the event with only usage is removed.
    /// </summary>
    public bool HidesUsage { get; init; }

    /// <summary>
    /// True: the response shows the state of background work that an earlier request began. <see cref="Meter"/> then only reads how the work ended,
    /// and the usage in the response does not count for this request.
    /// </summary>
    public bool IsStatusRead { get; init; }

    /// <summary>The caller asked for background work: the response may come before the work is done.</summary>
    public bool BeginsBackgroundWork { get; init; }

    /// <summary>True: the response reported the id of background work, and that the work continues or, if <see cref="IsStatusRead"/> is true, that the work is over.</summary>
    public bool ReportsWork => Meter is { WorkId: not null } meter && (IsStatusRead ? meter.IsWorkOver : meter.IsWorkOpen(BeginsBackgroundWork));

    /// <summary>Records what the response reports about background work. Null: nothing is recorded.</summary>
    public IResponseFollower? Follower { get; init; }

    /// <summary>A follower that must finish before the caller gets the last bytes of the response. Null: none.</summary>
    public IResponseFollower? Barrier { get; init; }

    /// <summary>Holds back the parts of the response that must not reach the caller yet. Null: none.</summary>
    public IResponseHolder? Holder { get; init; }

    /// <summary>Applies the output policies to everything that reaches the caller, also errors. Runs after <see cref="Holder"/>. Null: no policies.</summary>
    public IResponseHolder? Screen { get; init; }

    /// <summary>Reads a successful response as the caller gets it. Runs after <see cref="Screen"/>. Null: none.</summary>
    public IResponseHolder? Listener { get; init; }

    /// <summary>Decides whether the caller gets this response. Null: the caller gets it in any case.</summary>
    public IFailoverPolicy? FailoverPolicy { get; init; }

    /// <summary>The id of the caller's API key, to whose work limit the sandbox counts the attempt. Null: the sandbox does not count it.</summary>
    public string? KeyId { get; init; }

    /// <summary>The path after <c>/v1</c> with the caller's own encoding. Null: the encoding of <see cref="Path"/>.</summary>
    public string? PathAsSent { get; init; }

    /// <summary>The caller asked for an event stream.</summary>
    public bool IsStream { get; init; }

    /// <summary>The format of the endpoint's event streams.</summary>
    public EventDialect Events { get; init; }

    /// <summary>The body to send. Null: YARP copies the body of the request.</summary>
    public HttpContent? Body { get; init; }

    /// <summary>Set for a WebSocket request. Null: the connection must not be upgraded.</summary>
    public Handshake? Handshake { get; init; }

    /// <summary>How the response is rewritten for a native endpoint (<c>/api/ai/…</c>). Null: the caller gets the response as the provider sends it.</summary>
    public NativeResponse? Native { get; init; }

    /// <summary>Measures the usage in the response. Null: the response is not metered.</summary>
    public ResponseMeter? Meter { get; init; }

    /// <summary>The copy of request and response to store. Null: the project does not store payloads.</summary>
    public PayloadCopy? Payload { get; init; }

    /// <summary>What this attempt reserved in the rate limits of its credential.
    /// <see cref="Owner"/> settles the reservation. Null: the credential has no limits.</summary>
    public RateLimitReservation? Quota { get; init; }

    /// <summary>The provider's HTTP status; null if there was no response.</summary>
    public int? Status { get; set; }

    /// <summary>The response is an event stream, regardless of what the request asked for and of the Content-Type.</summary>
    public bool IsEventStream { get; set; }

    /// <summary>The provider's own request id; null if it sent none that can be passed on.</summary>
    public string? ProviderRequestId { get; set; }

    /// <summary>Where the created object can be found, relative to the path of the request that created it, for example <c>/rtc_1</c>. Null: unknown.</summary>
    public string? CreatedPath { get; set; }

    /// <summary>Clock timestamp of when the request was handed to the forwarder; 0: never.</summary>
    public long ForwardedAt { get; set; }

    /// <summary>Clock timestamp of when the attempt ended; 0: it has not ended.</summary>
    public long EndedAt { get; set; }

    /// <summary>Clock timestamp of when the response headers arrived; 0: they never did.</summary>
    public long RespondedAt { get; set; }

    /// <summary>Clock timestamp of when the first byte of the body was read; 0: none was.</summary>
    public long FirstByteAt { get; set; }

    /// <summary>Clock timestamp of when the last byte so far was read; 0: none was.</summary>
    public long LastByteAt { get; set; }

    /// <summary>How long the provider asks to wait before a retry; null: it did not say.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>How the attempt ended. Default <see cref="AttemptEnd.None"/>: the attempt is in progress.</summary>
    public AttemptEnd End { get; set; }

    /// <summary>True: a later attempt was made, and the caller gets the response of that attempt.</summary>
    public bool IsRepeated { get; set; }

    /// <summary>The error that the caller gets if the edge itself cannot pass the response on. Null: the error that YARP's failure implies.</summary>
    public EdgeError? Fault { get; set; }

    /// <summary>Why an event stream broke off; a cancellation if the provider was silent for too long. Null: it did not break off.</summary>
    public Exception? Break { get; set; }

    /// <summary>The response is complete.</summary>
    public bool HasEnded => End == AttemptEnd.Completed;

    /// <summary>
    /// False: the provider did no work, because it cannot have seen the request, or rejected it. No known provider bills a rejected request.
    /// </summary>
    public bool MayHaveCost => ForwardedAt != 0 && End != AttemptEnd.NeverSent && Status is null or < 300;

    /// <summary>Marks the last byte of the response as read. The caller does not have that byte yet. May be called more than once.</summary>
    public void Complete()
    {
        End = AttemptEnd.Completed;
        Owner.Complete(this);
    }

    /// <summary>How long the attempt has waited for the response headers, in ticks of the clock's timestamps.</summary>
    public long WaitedForHead(long now) => ForwardedAt == 0 ? 0 : (RespondedAt != 0 ? RespondedAt : EndedAt != 0 ? EndedAt : now) - ForwardedAt;

    /// <summary>The time from the start of forwarding to the last byte, in ticks of the clock's timestamps. Includes the time of a caller who reads slowly.</summary>
    public long TotalWait(long now) => LastByteAt != 0 ? LastByteAt - ForwardedAt : WaitedForHead(now);
}

/// <summary>The data of a WebSocket handshake.</summary>
/// <param name="Subprotocols">The subprotocols that the provider may choose from. Null: none.</param>
public sealed record Handshake(string? Subprotocols);

/// <summary>Is notified when an attempt's response is complete.</summary>
public interface IAttemptOwner
{
    /// <summary>
    /// Called when the provider will send nothing more, and the caller does not have the last bytes yet. The owner then frees the request's concurrency slot,
    /// because the caller may send its next request at once after the last byte.
    /// </summary>
    void Complete(Attempt attempt);
}
