using System.Buffers;

namespace Cencori.Edge.Bodies;

/// <summary>A request body, or the beginning of one, in a pooled array: as it came, and never changed. Those who send it borrow the bytes, and
/// may outlive it. Disposing hands the array back once, after the last loan.</summary>
public sealed class PooledBody : IDisposable
{
    private const int LargestFirstBuffer = 64 * 1024;
    private const int FirstBufferOfUnknownLength = 4 * 1024;

    private readonly Lock _gate = new();
    private byte[] _buffer;
    private int _borrowers;
    private bool _isDisposed;

    internal PooledBody(long? expectedLength)
    {
        // One byte more than expected, so that the read that finds the end does not make the buffer grow.
        var expected = Math.Min(expectedLength ?? FirstBufferOfUnknownLength - 1, LargestFirstBuffer - 1);
        _buffer = ArrayPool<byte>.Shared.Rent((int)expected + 1);
    }

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes held. Not to be used after <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException"/>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _buffer.AsSpan(0, Length);
        }
    }

    /// <summary>Reads a body to its end. Memory follows what has arrived, never what was promised.</summary>
    /// <param name="body">Read to its end, unless it is too large. Not disposed.</param>
    /// <param name="contentLength">The promised length, or null. A hint: the end of <paramref name="body"/> decides.</param>
    /// <param name="maxBytes">Largest length accepted.</param>
    /// <param name="cancellationToken">Ends the reading; the array goes back.</param>
    /// <returns>Null when the body is, or promises to be, longer than <paramref name="maxBytes"/>.</returns>
    public static async ValueTask<PooledBody?> ReadAsync(
        Stream body, long? contentLength, long maxBytes, CancellationToken cancellationToken)
    {
        if (contentLength > maxBytes)
        {
            return null;
        }

        var read = new PooledBody(contentLength);
        try
        {
            while (await read.FillAsync(body, maxBytes, cancellationToken) > 0)
            {
                if (read.Length > maxBytes)
                {
                    read.Dispose();
                    return null;
                }
            }

            return read;
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            ReturnWhenIdle();
        }
    }

    /// <summary>Makes one read into the free part of the buffer, doubling it when full.</summary>
    /// <returns>The bytes read; 0 at the end. <see cref="Length"/> may come out above <paramref name="maxBytes"/>: then there is too much.</returns>
    internal async ValueTask<int> FillAsync(Stream source, long maxBytes, CancellationToken cancellationToken)
    {
        if (Length == _buffer.Length)
        {
            Grow((int)Math.Min(Math.Min(2L * Length, maxBytes + 1), Array.MaxLength));
        }

        var read = await source.ReadAsync(_buffer.AsMemory(Length), cancellationToken);
        Length += read;
        return read;
    }

    /// <summary>Lends the bytes held for as long as a write or a copy takes. Each loan must be given back once.</summary>
    /// <exception cref="ObjectDisposedException"/>
    internal ReadOnlyMemory<byte> Borrow()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _borrowers++;
            return _buffer.AsMemory(0, Length);
        }
    }

    internal void GiveBack()
    {
        lock (_gate)
        {
            _borrowers--;
            ReturnWhenIdle();
        }
    }

    // A recycled array would send one caller's prompt to another caller's provider: it goes back only when nobody reads it.
    private void ReturnWhenIdle()
    {
        if (_isDisposed && _borrowers == 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void Grow(int atLeast)
    {
        var larger = ArrayPool<byte>.Shared.Rent(atLeast);
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
