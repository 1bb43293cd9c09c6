using System.Buffers;
using System.Net;

namespace Cencori.Edge.Bodies;

/// <summary>
/// A body as it goes to one provider: the caller's bytes with the splices of this attempt. It can be written as often as is asked, and more
/// than once at a time: the HTTP client sends a request again by itself where the provider says that it has not looked at it.
/// </summary>
/// <remarks>Whoever ends the request disposes of the bytes; what is still to be written then fails, and never sends those of another.</remarks>
public sealed class SplicedContent : HttpContent
{
    /// <summary>
    /// What is written at a time. The client sends at once whatever it is given, and a first write that fits behind the head together with
    /// it; so the bytes around a splice are gathered before they are written.
    /// </summary>
    public const int PieceBytes = 64 * 1024;

    private readonly PooledBody _body;
    private readonly Splice[] _splices;
    private int _writing;
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

    /// <summary>Tells of every piece that the provider has accepted after a while; null where all of it is one piece.</summary>
    public WriteProgress? Progress { get; }

    /// <summary>Some of it may have reached a provider. Until then there was no connection, and no provider has seen the request.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Lets go of the bytes where all of them have been sent. To be called when nobody will ask for them again: a prompt is many, and its response may take minutes.</summary>
    public void Release()
    {
        if (_isWritten && Volatile.Read(ref _writing) == 0)
        {
            _body.Dispose();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsSent = true;
        Interlocked.Increment(ref _writing);
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
                        // Otherwise no time has passed that anybody has to be told of.
                        Progress?.Report();
                    }
                }
                finally
                {
                    _body.GiveBack();
                }
            }

            _isWritten = true;
        }
        finally
        {
            Interlocked.Decrement(ref _writing);
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
