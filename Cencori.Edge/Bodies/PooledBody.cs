using System.Buffers;

namespace Cencori.Edge.Bodies;

/// <summary>A request body, or the beginning of one, in memory that is used again: as it came, and never changed. Those who send it borrow the
/// bytes, and may outlive it. Disposing hands the memory back once, after the last loan.</summary>
public sealed class PooledBody : IDisposable
{
    private const int LargestFirstBuffer = 64 * 1024;
    private const int FirstBufferOfUnknownLength = 4 * 1024;

    private readonly Lock _gate = new();
    private readonly long _expected;
    private readonly BufferShare? _share;

    // In an array of the pool while it is small, else in a large buffer.
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

        // One byte more than expected, so that the read that finds the end does not make the buffer grow.
        _expected = expectedLength + 1 ?? FirstBufferOfUnknownLength;
        var first = (int)Math.Min(_expected, LargestFirstBuffer);
        Take(first);
        _array = ArrayPool<byte>.Shared.Rent(first);
        _buffer = _array;
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
            return _buffer.Span[..Length];
        }
    }

    /// <summary>A body with changes made to it.</summary>
    /// <param name="body">Stays as it is.</param>
    /// <param name="splices">Sorted.</param>
    /// <param name="share">Where the memory is taken from.</param>
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
            body.GiveBack();
        }
    }

    /// <summary>Reads a body to its end. Memory follows what has arrived, never what was promised.</summary>
    /// <param name="body">Read to its end, unless it is too large. Not disposed.</param>
    /// <param name="contentLength">The promised length, or null. A hint: the end of <paramref name="body"/> decides.</param>
    /// <param name="maxBytes">Largest length accepted.</param>
    /// <param name="cancellationToken">Ends the reading; the memory goes back.</param>
    /// <param name="share">Where the memory is taken from. Default null: nobody counts it.</param>
    /// <returns>Null when the body is, or promises to be, longer than <paramref name="maxBytes"/>.</returns>
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

    /// <summary>Makes one read into the free part of the buffer, doubling it when full.</summary>
    /// <returns>The bytes read; 0 at the end. <see cref="Length"/> may come out above <paramref name="maxBytes"/>: then there is too much.</returns>
    /// <exception cref="OverloadedException"/>
    internal async ValueTask<int> FillAsync(Stream source, long maxBytes, CancellationToken cancellationToken)
    {
        MakeRoom(maxBytes);
        var read = await source.ReadAsync(_buffer[Length..], cancellationToken);
        Length += read;
        return read;
    }

    /// <summary>Likewise, from what is read without waiting.</summary>
    /// <exception cref="OverloadedException"/>
    internal int Fill(Stream source, long maxBytes)
    {
        MakeRoom(maxBytes);
        var read = source.Read(_buffer.Span[Length..]);
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
            return _buffer[..Length];
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

    // Memory that is used again would send one caller's prompt to another caller's provider: it goes back only when nobody reads it.
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
        _share?.GiveBack(_taken);
        _taken = 0;
    }

    // What was promised is no reason to take more than twice of what has arrived, but one to take less.
    private void MakeRoom(long maxBytes)
    {
        if (Length < _buffer.Length)
        {
            return;
        }

        var most = Length < _expected ? Math.Min(_expected, maxBytes + 1) : maxBytes + 1;
        var size = (int)Math.Min(Math.Min(2L * Length, most), Array.MaxLength);
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
