using System.Text;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

public enum BodyFraming
{
    None,
    ContentLength,
    Chunked,
}

/// <summary>One request exactly as received: nothing merged, sorted or normalised.</summary>
public sealed class ReceivedRequest
{
    private readonly TaskCompletionSource<long> _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Request line and headers, up to and including the empty line.</summary>
    public required ReadOnlyMemory<byte> Head { get; init; }

    public required string Method { get; init; }

    public required string Target { get; init; }

    /// <summary>In their original order and spelling; a repeated name is listed repeatedly.</summary>
    public required IReadOnlyList<(string Name, string Value)> Headers { get; init; }

    public required BodyFraming Framing { get; init; }

    /// <summary>The body without its framing.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Number of the connection, from 1: requests with the same number shared a connection.</summary>
    public required int Connection { get; init; }

    /// <summary>Size of the read that completed the request, in bytes.</summary>
    public required int LastRead { get; init; }

    /// <summary>Arrival of the last byte, as a timestamp of the provider's <see cref="TimeProvider"/>.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>
    /// Completes, with a timestamp, when the peer closes or resets the connection before the response was finished. Never completes otherwise: wait with a
    /// timeout.
    /// </summary>
    public Task<long> Aborted => _aborted.Task;

    // Heads of HTTP/1.1 are bytes; Latin-1 decodes every byte without loss.
    public string HeadText => Encoding.Latin1.GetString(Head.Span);

    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    public IReadOnlyList<string> Values(string name) =>
        [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    internal void ReportAbort(long timestamp) => _aborted.TrySetResult(timestamp);
}
