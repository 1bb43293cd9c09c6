using System.Net.Http.Headers;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>The body of a provider's response, as the response headers announce it.</summary>
/// <param name="Status">The provider's HTTP status.</param>
/// <param name="IsEventStream">True: the Content-Type is an event stream.</param>
/// <param name="IsTypeUncertain">True: the request asked for events and the Content-Type is another one (but not of sound, images or video), or the reverse. The first bytes of the body decide.</param>
/// <param name="IsText">True: the body is events or JSON. Only these are stored for projects that keep payloads.</param>
/// <param name="Length">The announced length. Null: unknown.</param>
/// <param name="Encodings">Content encodings to decode, in the order in which they were applied. Null: the body passes unchanged, and the edge cannot read it.</param>
internal readonly record struct ResponseBodyInfo(int Status, bool IsEventStream, bool IsTypeUncertain, bool IsText, long? Length, string[]? Encodings)
{
    private const string EventStreamType = "text/event-stream";

    /// <param name="response">The provider's response.</param>
    /// <param name="attempt">The attempt that the response belongs to.</param>
    public static ResponseBodyInfo Of(HttpResponseMessage response, Attempt attempt)
    {
        var (headers, status) = (response.Content.Headers, (int)response.StatusCode);
        var isEventStream = string.Equals(headers.ContentType?.MediaType, EventStreamType, StringComparison.OrdinalIgnoreCase);

        // Decodes only metered or rewritten bodies and error responses. Any other body may be a file, whose bytes must reach the caller unchanged.
        var isMetered = attempt.Meter is not null || attempt.Native?.Rewrites(status) == true;
        string[]? encodings = !headers.NonValidated.Contains("Content-Encoding") ? []
            : (isMetered || status >= 400) && status != StatusCodes.Status206PartialContent ? DecodedStream.EncodingsOf(headers)
            : null;
        return new(
            status,
            isEventStream,
            IsTypeUncertain: attempt.IsStream != isEventStream && !IsMedia(headers.ContentType) && isMetered && encodings is not null && status is >= 200 and < 300,
            IsText: encodings is not null && (isEventStream || IsJson(headers.ContentType)),
            IsChunked(response) ? null : headers.ContentLength,
            encodings);
    }

    public static bool IsJson(MediaTypeHeaderValue? contentType) =>
        contentType?.MediaType is { } type && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    public static bool IsChunked(HttpResponseMessage response) => response.Headers.NonValidated.Contains("Transfer-Encoding");

    /// <summary>True if these first bytes can only start an event stream: no JSON document starts like an event field.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> beginning) =>
        beginning.TrimStart(StreamStart.Meaningless) is [(byte)':' or (byte)'d' or (byte)'e' or (byte)'i' or (byte)'r', ..];

    // Raw sound may begin with any byte, also with one that begins an event.
    private static bool IsMedia(MediaTypeHeaderValue? contentType) =>
        contentType?.MediaType is { } type && (type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) || type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) || type.StartsWith("video/", StringComparison.OrdinalIgnoreCase));
}
