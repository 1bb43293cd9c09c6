using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Dialects;

/// <summary>Opens the stream that rewrites a provider's response for a native endpoint (/api/ai/…).</summary>
/// <param name="Shape">The format to which the response is rewritten.</param>
/// <param name="Provider">Id of the provider.</param>
/// <param name="Model">The model as sent to the provider. Null when the request names none.</param>
/// <param name="Choices">Number of choices requested, at least 1.</param>
/// <param name="Bill">Returns usage and cost. Call it after the provider's last byte was read.</param>
public sealed record NativeResponse(NativeShape Shape, string Provider, string? Model, long Choices, Func<NativeBill> Bill)
{
    /// <summary>The data that <see cref="NativeShape.Sources"/> adds to the response. Null for other shapes.</summary>
    public ResponseSources? Sources { get; init; }

    /// <summary>True when the response differs from the provider's.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    public bool Rewrites(int status) => status >= 300 || Shape != NativeShape.None;

    /// <param name="inner">The provider's successful response.</param>
    /// <param name="isEventStream">False: the response is one document.</param>
    /// <param name="giveUp">Called when the rest of the response cannot be sent, before the client receives the error.</param>
    public Stream Open(Stream inner, bool isEventStream, Action<Exception> giveUp) => (Shape, isEventStream) switch
    {
        (NativeShape.Chat, true) => new ChatStream(inner, this, giveUp),
        (NativeShape.Chat, false) => new ChatDocument(inner, this),
        (NativeShape.Sources, true) => new SourcesStream(inner, this, giveUp),
        (NativeShape.Sources, false) => new SourcesDocument(inner, this),
        (NativeShape.Images, false) => new ImagesDocument(inner, this),
        _ => inner,
    };

    /// <param name="inner">The provider's error response.</param>
    /// <param name="status">The HTTP status of the error response.</param>
    /// <param name="retryAfter">The provider's Retry-After. Null: it sent none.</param>
    public Stream OpenRefusal(Stream inner, int status, TimeSpan? retryAfter) => new RefusalStream(inner, status, Provider, retryAfter);

    /// <summary>The edge's own error kind for this provider status.</summary>
    public static ErrorKind KindOf(int status) => RefusalStream.KindOf(status);
}

/// <summary>Usage and cost of a response, as in the record of the request.</summary>
/// <param name="Usage">The usage.</param>
/// <param name="CostUsd">The cost in US dollars. Null: not known.</param>
/// <param name="IsReported">True when the provider reported a plausible usage.</param>
/// <param name="IsSettled">True when the values will not change any more.</param>
public readonly record struct NativeBill(TokenUsage Usage, decimal? CostUsd, bool IsReported, bool IsSettled);
