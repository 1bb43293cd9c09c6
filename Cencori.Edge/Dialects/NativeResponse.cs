using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Dialects;

/// <summary>How the native endpoint tells one provider's response.</summary>
/// <param name="Shape">What becomes of it.</param>
/// <param name="Provider">Who gives it, by the edge's own name.</param>
/// <param name="Model">As it was sent to the provider; null where the request names none.</param>
/// <param name="Choices">How many were asked for; at least 1.</param>
/// <param name="Bill">What it came to. To be asked when the provider's last byte has been read.</param>
public sealed record NativeResponse(NativeShape Shape, string Provider, string? Model, long Choices, Func<NativeBill> Bill)
{
    /// <summary>What <see cref="NativeShape.Sources"/> tells beside the response. Null: it is no such response.</summary>
    public ResponseSources? Sources { get; init; }

    /// <summary>The response is told otherwise than the provider tells it.</summary>
    /// <param name="status">The provider's.</param>
    public bool Rewrites(int status) => status >= 300 || Shape != NativeShape.None;

    /// <param name="inner">The provider's response, a success.</param>
    /// <param name="isEventStream">Else it is one document.</param>
    /// <param name="giveUp">Called where the rest of it cannot be told, before the client reads that.</param>
    public Stream Open(Stream inner, bool isEventStream, Action<Exception> giveUp) => (Shape, isEventStream) switch
    {
        (NativeShape.Chat, true) => new ChatStream(inner, this, giveUp),
        (NativeShape.Chat, false) => new ChatDocument(inner, this),
        (NativeShape.Sources, true) => new SourcesStream(inner, this, giveUp),
        (NativeShape.Sources, false) => new SourcesDocument(inner, this),
        (NativeShape.Images, false) => new ImagesDocument(inner, this),
        _ => inner,
    };

    /// <param name="inner">The provider's refusal.</param>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="retryAfter">When it wants to be asked again. Null: it does not say.</param>
    public Stream OpenRefusal(Stream inner, int status, TimeSpan? retryAfter) => new RefusalStream(inner, status, Provider, retryAfter);

    /// <summary>What the edge itself would say with this status of a provider.</summary>
    public static ErrorKind KindOf(int status) => RefusalStream.KindOf(status);
}

/// <summary>What a response came to, as its record has it.</summary>
/// <param name="Usage">What was used.</param>
/// <param name="CostUsd">Null: nobody knows.</param>
/// <param name="IsReported">The provider has told the usage, and is believed.</param>
/// <param name="IsSettled">Nothing of it will change.</param>
public readonly record struct NativeBill(TokenUsage Usage, decimal? CostUsd, bool IsReported, bool IsSettled);
