using Cencori.Edge.Dialects;
using Cencori.Edge.Errors;
using Cencori.Edge.Metering;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records.Payloads;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>One try at one provider: what was decided, which the transforms only carry out, and what became of it.</summary>
/// <param name="Provider">Where it goes.</param>
/// <param name="Credential">The project's own credential. Null only for the sandbox.</param>
/// <param name="Path">The path after <c>/v1</c>, decoded.</param>
/// <param name="Model">As it is sent to the provider; null where the request names none.</param>
/// <param name="Owner">The exchange that it belongs to.</param>
public sealed record Attempt(ProviderDefinition Provider, ProviderCredential? Credential, PathString Path, string? Model, IAttemptOwner Owner)
{
    /// <summary>
    /// True where the edge asked for usage in a stream and the caller did not: the event that only tells usage is taken out again.
    /// </summary>
    public bool HidesUsage { get; init; }

    /// <summary>
    /// True where the response shows what an earlier request began, and what that has used. Then <see cref="Meter"/> only looks, and
    /// what it finds is no use of this request.
    /// </summary>
    public bool IsLook { get; init; }

    /// <summary>The response may come before the work is done, as was asked for.</summary>
    public bool BeginsBackgroundWork { get; init; }

    /// <summary>The response has told of work behind it under an id: that it goes on, or, where this only looks, that it is over.</summary>
    public bool TellsOfWork => Meter is { WorkId: not null } meter && (IsLook ? meter.IsWorkOver : meter.IsWorkOpen(BeginsBackgroundWork));

    /// <summary>Who notes what the response tells of work that goes on behind it. Null: nobody.</summary>
    public IResponseFollower? Follower { get; init; }

    /// <summary>Who has to be done before the caller has the last of the response. Null: nobody.</summary>
    public IResponseFollower? Barrier { get; init; }

    /// <summary>Who holds back what of the response must not reach the caller yet. Null: nobody.</summary>
    public IResponseHolder? Holder { get; init; }

    /// <summary>Who looks at whatever of the response reaches the caller, refusals too, after everybody else. Null: nobody.</summary>
    public IResponseHolder? Screen { get; init; }

    /// <summary>Who reads along what the caller gets, behind everybody else. Null: nobody.</summary>
    public IResponseHolder? Listener { get; init; }

    /// <summary>Who decides whether its response is the caller's. Null: it is, whatever it says.</summary>
    public IFailoverPolicy? FailoverPolicy { get; init; }

    /// <summary>The id of the key that it is made for. Null: nobody's.</summary>
    public string? KeyId { get; init; }

    /// <summary>The path after <c>/v1</c> as the caller encoded it. Null: as <see cref="Path"/> is encoded.</summary>
    public string? PathAsSent { get; init; }

    /// <summary>The caller asked for a stream of events.</summary>
    public bool IsStream { get; init; }

    /// <summary>What the endpoint's streams of events are like.</summary>
    public EventDialect Events { get; init; }

    /// <summary>What is sent as the body. Null: what the request has, copied by YARP.</summary>
    public HttpContent? Body { get; init; }

    /// <summary>Null: it is no WebSocket, and must not become one.</summary>
    public Handshake? Handshake { get; init; }

    /// <summary>How the response is told at the native endpoint. Null: as the provider tells it.</summary>
    public NativeResponse? Native { get; init; }

    /// <summary>Null: nobody wants to know.</summary>
    public ResponseMeter? Meter { get; init; }

    /// <summary>Null: the project does not keep what is said.</summary>
    public PayloadCopy? Payload { get; init; }

    /// <summary>What was taken for it of the limits that its credential has. Null: it has none. Whoever owns it ends it.</summary>
    public RateLimitReservation? Quota { get; init; }

    /// <summary>The provider's HTTP status; null where there was no response.</summary>
    public int? Status { get; set; }

    /// <summary>The response is a stream of events, whatever the request has asked for and the response says.</summary>
    public bool IsEventStream { get; set; }

    /// <summary>The provider's own id of the request; null where it told none that could be passed on.</summary>
    public string? ProviderRequestId { get; set; }

    /// <summary>Where what was made can be found, below the path of the request that has made it: <c>/rtc_1</c>. Null: nothing was told.</summary>
    public string? MadeBelow { get; set; }

    /// <summary>Timestamp of the clock when the request was handed to the forwarder; 0: never.</summary>
    public long ForwardedAt { get; set; }

    /// <summary>Timestamp of the clock when nothing more could come of it; 0: something can.</summary>
    public long EndedAt { get; set; }

    /// <summary>Timestamp of the clock when the head of the response was there; 0: it never was.</summary>
    public long RespondedAt { get; set; }

    /// <summary>Timestamp of the clock when the first byte of the response was read; 0: there was none.</summary>
    public long FirstByteAt { get; set; }

    /// <summary>Timestamp of the clock when the last byte was read, so far as the response came; 0: there was none.</summary>
    public long LastByteAt { get; set; }

    /// <summary>When the provider wants to be asked again; null: it did not say.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>How it ended. Default <see cref="AttemptEnd.None"/>: it is under way.</summary>
    public AttemptEnd End { get; set; }

    /// <summary>Somebody else was asked after it, whose response is the caller's.</summary>
    public bool IsRepeated { get; set; }

    /// <summary>What the caller is told of a response that this edge itself cannot pass on. Null: what the failure says.</summary>
    public EdgeError? Fault { get; set; }

    /// <summary>What an event stream broke off with; cancelled where the provider was silent for too long. Null: it has not.</summary>
    public Exception? Break { get; set; }

    /// <summary>The response is complete.</summary>
    public bool HasEnded => End == AttemptEnd.Completed;

    /// <summary>
    /// False only where no provider has worked: it cannot have seen the request, or has refused it, which none is known to charge for.
    /// </summary>
    public bool MayHaveCost => ForwardedAt != 0 && End != AttemptEnd.NeverSent && Status is null or < 300;

    /// <summary>The response's last byte has been read, and the caller does not have it yet. May be called more than once.</summary>
    public void Complete()
    {
        End = AttemptEnd.Completed;
        Owner.Complete(this);
    }

    /// <summary>How long it has waited for the response's head, in ticks of the clock's timestamps.</summary>
    public long WaitedForHead(long now) => ForwardedAt == 0 ? 0 : (RespondedAt != 0 ? RespondedAt : EndedAt != 0 ? EndedAt : now) - ForwardedAt;

    /// <summary>From handing the request over to the last byte it is the provider's time, or the caller's who reads slowly.</summary>
    public long WaitedInAll(long now) => LastByteAt != 0 ? LastByteAt - ForwardedAt : WaitedForHead(now);
}

/// <summary>What a WebSocket begins with.</summary>
/// <param name="Subprotocols">Those that the provider may choose among; null: none.</param>
public sealed record Handshake(string? Subprotocols);

/// <summary>Who has to know when an attempt's response is complete.</summary>
public interface IAttemptOwner
{
    /// <summary>
    /// Nothing more will come of the provider, and the caller cannot have the last of it yet: a caller that sends its next request at
    /// once must find the slot of this one free.
    /// </summary>
    void Complete(Attempt attempt);
}
