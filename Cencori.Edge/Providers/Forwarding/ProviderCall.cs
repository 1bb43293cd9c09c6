using Cencori.Edge.Metering;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>What was decided about this request; the transforms only carry it out. What became of it is noted here too.</summary>
/// <param name="Provider">Where it goes.</param>
/// <param name="Credential">The project's own credential. Null only for the sandbox.</param>
/// <param name="Path">The path after <c>/v1</c>.</param>
/// <param name="Model">As it is sent to the provider; null where the request names none.</param>
public sealed record ProviderCall(ProviderDefinition Provider, ProviderCredential? Credential, PathString Path, string? Model) : IProviderWait
{
    /// <summary>Called when the provider's last byte has been read, and before the caller can have it; perhaps more than once.</summary>
    public required Action AnswerEnded { get; init; }

    /// <summary>Tokens of the input, estimated; 0 where the edge has not read it.</summary>
    public long InputTokens { get; init; }

    /// <summary>
    /// True where the edge asked for usage in a stream and the caller did not: the event that only tells usage is taken out again.
    /// </summary>
    public bool HidesUsage { get; init; }

    /// <summary>What is sent as the body. Null: what the request has, copied by YARP.</summary>
    public HttpContent? Body { get; init; }

    /// <summary>Null: nobody wants to know.</summary>
    public IAnswerMeter? Meter { get; set; }

    /// <summary>Null: the project does not keep what is said.</summary>
    public PayloadCopy? Payload { get; init; }

    /// <summary>The provider's HTTP status; null where there was no answer.</summary>
    public int? Status { get; set; }

    /// <summary>Timestamp of the clock when the request was handed to the forwarder; 0: never.</summary>
    public long ForwardedAt { get; set; }

    /// <summary>Timestamp of the clock when the head of the answer was there; 0: it never was.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>Timestamp of the clock when the first byte of the answer was read; 0: there was none.</summary>
    public long FirstByteAt { get; set; }

    /// <summary>Timestamp of the clock when the last byte was read, so far as the answer came; 0: there was none.</summary>
    public long LastByteAt { get; set; }

    /// <summary>The answer is complete.</summary>
    public bool HasEnded { get; set; }

    public long WaitedUntil(long now) => ForwardedAt == 0 ? 0 : (AnsweredAt == 0 ? now : AnsweredAt) - ForwardedAt;
}
