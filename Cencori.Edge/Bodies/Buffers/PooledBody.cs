using System.Buffers;
using Cencori.Edge.Bodies.Splicing;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>A request body, or the start of one, in pooled memory. The bytes are never changed. Senders borrow the bytes, and a loan may outlast
/// <see cref="Dispose"/>. The memory returns to its pool once, after disposal and after the last loan ends.</summary>
public sealed class PooledBody : IDisposable
{
    private const int LargestFirstBuffer = 64 * 1024;
    private const int FirstBufferOfUnknownLength = 4 * 1024;

    private readonly Lock _gate = new();
    private readonly long _expected;
    private readonly BufferShare? _share;

    // A small body uses a pooled array, a large one a LargeBuffer.
    private byte[]? _array;
    private LargeBuffer? _large;
    private Memory<byte> _buffer;
    private long _taken;
    private int _borrowers;
    private bool _isDisposed;

    /// <exception cref="OverloadedException"/>
    internal PooledBody(long? expectedLength, BufferShare? share)
    {
        _share = share;

        // One byte more than expected: the read that finds the end then does not grow the buffer.
        _expected = expectedLength + 1 ?? FirstBufferOfUnknownLength;
        var first = (int)Math.Min(_expected, LargestFirstBuffer);
        Take(first);
        _array = ArrayPool<byte>.Shared.Rent(first);
        _buffer = _array;
    }

    /// <summary>Number of bytes buffered.</summary>
    public int Length { get; private set; }

    /// <summary>The buffered bytes. Do not use after <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException"/>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _buffer.Span[..Length];
        }
    }

    /// <summary>A copy of a body with changes applied.</summary>
    /// <param name="body">Not modified.</param>
    /// <param name="splices">The changes, sorted by position.</param>
    /// <param name="share">The share from which memory is taken.</param>
    /// <exception cref="OverloadedException">The share has no room.</exception>
    public static PooledBody Of(PooledBody body, Splice[] splices, BufferShare share)
    {
        var length = body.Length + Splice.GrowthOf(splices, body.Length);
        var changed = new PooledBody(length, share);
        var original = body.Borrow();
        try
        {
            while (changed._buffer.Length < length)
            {
                changed.Length = changed._buffer.Length;
                changed.MakeRoom(length);
            }

            new SplicedRuns(splices).Fill(original, changed._buffer.Span[..length]);
            changed.Length = length;
            return changed;
        }
        catch
        {
            changed.Dispose();
            throw;
        }
        finally
        {
            body.EndBorrow();
        }
    }

    /// <summary>Reads a body to its end. The buffer grows with the bytes that arrived, never with the announced length.</summary>
    /// <param name="body">Read to its end, unless it is too large. Not disposed.</param>
    /// <param name="contentLength">The announced length, or null. Only a hint: the end of <paramref name="body"/> decides.</param>
    /// <param name="maxBytes">Largest length accepted.</param>
    /// <param name="cancellationToken">Cancels the read and returns the memory.</param>
    /// <param name="share">The share from which memory is taken. Default null: memory is not counted.</param>
    /// <returns>Null when the body, or its announced length, is longer than <paramref name="maxBytes"/>.</returns>
    /// <exception cref="OverloadedException">The share has no room.</exception>
    public static async ValueTask<PooledBody?> ReadAsync(
        Stream body, long? contentLength, long maxBytes, CancellationToken cancellationToken, BufferShare? share = null)
    {
        if (contentLength > maxBytes)
        {
            return null;
        }

        var read = new PooledBody(contentLength, share);
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

    /// <summary>Performs one read into the free part of the buffer. Doubles the buffer when it is full.</summary>
    /// <returns>The bytes read; 0 at the end. If <see cref="Length"/> then exceeds <paramref name="maxBytes"/>, the body is too large.</returns>
    /// <exception cref="OverloadedException"/>
    internal async ValueTask<int> FillAsync(Stream source, long maxBytes, CancellationToken cancellationToken)
    {
        MakeRoom(maxBytes);
        var read = await source.ReadAsync(_buffer[Length..], cancellationToken);
        Length += read;
        return read;
    }

    /// <summary>Like <see cref="FillAsync"/>, from a stream that is read synchronously.</summary>
    /// <exception cref="OverloadedException"/>
    internal int Fill(Stream source, long maxBytes)
    {
        MakeRoom(maxBytes);
        var read = source.Read(_buffer.Span[Length..]);
        Length += read;
        return read;
    }

    /// <summary>Lends the buffered bytes for the duration of a write or copy. Each loan must be given back exactly once.</summary>
    /// <exception cref="ObjectDisposedException"/>
    internal ReadOnlyMemory<byte> Borrow()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _borrowers++;
            return _buffer[..Length];
        }
    }

    internal void EndBorrow()
    {
        lock (_gate)
        {
            _borrowers--;
            ReturnWhenIdle();
        }
    }

    // Returns the memory only when no borrower is left. Memory returned too early would be reused, and one caller's prompt could reach another caller's
    // provider.
    private void ReturnWhenIdle()
    {
        if (!_isDisposed || _borrowers != 0)
        {
            return;
        }

        _buffer = default;
        ReturnArray();
        ((IDisposable?)_large)?.Dispose();
        _large = null;
        _share?.Release(_taken);
        _taken = 0;
    }

    // The buffer never grows beyond twice the bytes that have arrived, so a high announced length takes no memory. A low one limits the growth.
    private void MakeRoom(long maxBytes)
    {
        if (Length < _buffer.Length)
        {
            return;
        }

        var max = Length < _expected ? Math.Min(_expected, maxBytes + 1) : maxBytes + 1;
        var size = (int)Math.Min(Math.Min(2L * Length, max), Array.MaxLength);
        if (size <= LargestFirstBuffer)
        {
            Take(size);
            var larger = ArrayPool<byte>.Shared.Rent(size);
            _buffer.Span.CopyTo(larger);
            ReturnArray();
            _array = larger;
            _buffer = larger;
            return;
        }

        Take(LargeBuffer.SizeOf(size));
        if (_large is null)
        {
            _large = new LargeBuffer(size);
            _buffer.Span.CopyTo(_large.GetSpan());
            ReturnArray();
        }
        else
        {
            _large.Grow(size);
        }

        _buffer = _large.Memory;
    }

    private void Take(long inAll)
    {
        _share?.Take(inAll - _taken);
        _taken = inAll;
    }

    private void ReturnArray()
    {
        if (_array is not null)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = null;
        }
    }
}
