using System.Text;

namespace Cencori.Edge.Tests.Infrastructure;

public enum BodyFraming
{
    None,
    ContentLength,
    Chunked,
}

/// <summary>One request as it stood on the wire: nothing merged, sorted or normalised on the way.</summary>
public sealed class ReceivedRequest
{
    private readonly TaskCompletionSource<long> _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Request line and headers, up to and including the empty line.</summary>
    public required ReadOnlyMemory<byte> Head { get; init; }

    public required string Method { get; init; }

    public required string Target { get; init; }

    /// <summary>In the order and with the spelling they were sent; a name sent twice is here twice.</summary>
    public required IReadOnlyList<(string Name, string Value)> Headers { get; init; }

    public required BodyFraming Framing { get; init; }

    /// <summary>The body without its framing.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Counts connections from 1, so that two requests with one number shared a connection.</summary>
    public required int Connection { get; init; }

    /// <summary>Bytes of the read that brought the last of it.</summary>
    public required int LastRead { get; init; }

    /// <summary>When the last byte had arrived, as a timestamp of the provider's <see cref="TimeProvider"/>.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>
    /// Completes, with a timestamp, when the peer closes or resets the connection before the response was finished.
    /// Never completes otherwise: wait for it with a limit.
    /// </summary>
    public Task<long> Aborted => _aborted.Task;

    // HTTP/1.1 heads are octets; Latin-1 is the one encoding that loses none of them.
    public string HeadText => Encoding.Latin1.GetString(Head.Span);

    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    public IReadOnlyList<string> Values(string name) =>
        [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    internal void ReportAbort(long timestamp) => _aborted.TrySetResult(timestamp);
}
