using System.Buffers;
using System.Net;
using Cencori.Edge.Bodies.Buffers;

namespace Cencori.Edge.Bodies.Splicing;

/// <summary>
/// A body as sent to one provider: the caller's bytes with the splices of this attempt. It can be written repeatedly, also concurrently:
/// the HTTP client resends a request by itself when the provider signals that it did not process the request.
/// </summary>
/// <remarks>The end of the request disposes the bytes. A later write then fails instead of sending bytes of another request.</remarks>
public sealed class SplicedContent : HttpContent
{
    /// <summary>
    /// Size of one write, in bytes. The HTTP client sends each write at once, and combines the first write with the headers if it fits. So the bytes
    /// around a splice are gathered into one buffer before they are written.
    /// </summary>
    public const int PieceBytes = 64 * 1024;

    private readonly PooledBody _body;
    private readonly Splice[] _splices;
    private int _writers;
    private volatile bool _isWritten;

    /// <exception cref="ArgumentException">The splices are not sorted, overlap, or reach beyond the body.</exception>
    public SplicedContent(PooledBody body, Splice[] splices)
    {
        _body = body;
        _splices = splices;
        Length = body.Length + Splice.GrowthOf(splices, body.Length);
        Progress = Length > PieceBytes ? new() : null;
    }

    public int Length { get; }

    /// <summary>Reports each piece whose write had to wait until the provider accepted it. Null when the body is a single piece.</summary>
    public WriteProgress? Progress { get; }

    /// <summary>True when some bytes may have reached a provider. While this is false, no provider has seen the request.</summary>
    public bool IsSent { get; private set; }

    /// <summary>True when the bytes are released. The request cannot be sent again then.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>Releases the bytes once all have been sent. Call it when no retry can follow: prompts are large, and a response may take minutes.</summary>
    public void Release()
    {
        if (!IsReleased && _isWritten && Volatile.Read(ref _writers) == 0)
        {
            IsReleased = true;
            _body.Dispose();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsSent = true;
        Interlocked.Increment(ref _writers);
        var runs = new SplicedRuns(_splices);
        byte[]? gathered = null;
        try
        {
            int size;
            for (var left = Length; left > 0; left -= size)
            {
                size = Math.Min(left, PieceBytes);
                var original = _body.Borrow();
                try
                {
                    var piece = runs.Next(original, size);
                    if (piece.Length < size)
                    {
                        gathered ??= ArrayPool<byte>.Shared.Rent(size);
                        piece.CopyTo(gathered);
                        runs.Fill(original, gathered.AsSpan(piece.Length, size - piece.Length));
                        piece = gathered.AsMemory(0, size);
                    }

                    var writing = stream.WriteAsync(piece, cancellationToken);
                    var isAtOnce = writing.IsCompleted;
                    await writing;
                    if (!isAtOnce)
                    {
                        // Only a write that had to wait is reported: a write that completes at once takes no time.
                        Progress?.Report();
                    }
                }
                finally
                {
                    _body.EndBorrow();
                }
            }

            _isWritten = true;
        }
        finally
        {
            Interlocked.Decrement(ref _writers);
            if (gathered is not null)
            {
                ArrayPool<byte>.Shared.Return(gathered);
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }
}
