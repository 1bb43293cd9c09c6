using System.Net.Http.Headers;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>The body of a provider's response, as its head announces it.</summary>
/// <param name="Status">The provider's HTTP status.</param>
/// <param name="IsEventStream">It says so.</param>
/// <param name="IsDoubtful">It says to be something else than was asked for, events or no events: only its first bytes can tell.</param>
/// <param name="IsText">Events or JSON, which projects that keep payloads keep.</param>
/// <param name="Length">Null: it ends where it ends.</param>
/// <param name="Encodings">To be taken off, in the order in which they were applied. Null: it stays as it is, and the edge cannot read it.</param>
internal readonly record struct ResponseBodyInfo(int Status, bool IsEventStream, bool IsDoubtful, bool IsText, long? Length, string[]? Encodings)
{
    private const string EventStreamType = "text/event-stream";

    /// <param name="response">The provider's.</param>
    /// <param name="attempt">What was asked for.</param>
    public static ResponseBodyInfo Of(HttpResponseMessage response, Attempt attempt)
    {
        var (headers, status) = (response.Content.Headers, (int)response.StatusCode);
        var isEventStream = string.Equals(headers.ContentType?.MediaType, EventStreamType, StringComparison.OrdinalIgnoreCase);

        // What is neither metered nor told otherwise may be a file, whose bytes are the caller's own; a refusal is none.
        var isMetered = attempt.Meter is not null || attempt.Native?.Rewrites(status) == true;
        string[]? encodings = !headers.NonValidated.Contains("Content-Encoding") ? []
            : (isMetered || status >= 400) && status != StatusCodes.Status206PartialContent ? DecodedStream.EncodingsOf(headers)
            : null;
        return new(
            status,
            isEventStream,
            IsDoubtful: attempt.IsStream != isEventStream && isMetered && encodings is not null && status is >= 200 and < 300,
            IsText: encodings is not null && (isEventStream || IsJson(headers.ContentType)),
            IsChunked(response) ? null : headers.ContentLength,
            encodings);
    }

    public static bool IsJson(MediaTypeHeaderValue? contentType) =>
        contentType?.MediaType is { } type && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    public static bool IsChunked(HttpResponseMessage response) => response.Headers.NonValidated.Contains("Transfer-Encoding");

    /// <summary>True where a body that begins so can only be one of events, whose fields begin so, as no JSON document does.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> beginning) =>
        beginning.TrimStart(StreamStart.Meaningless) is [(byte)':' or (byte)'d' or (byte)'e' or (byte)'i' or (byte)'r', ..];
}
