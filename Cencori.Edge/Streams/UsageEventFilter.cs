using System.Buffers;
using System.Runtime.CompilerServices;

namespace Cencori.Edge.Streams;

/// <summary>
/// Takes the event that only tells usage out of an event stream; everything else passes byte for byte, each event as soon as it is whole.
/// </summary>
/// <remarks>
/// Where reads end with an event, as they nearly always do, nothing is copied and nothing held. What breaks off within an event
/// leaves that event's beginning behind, unless it was longer than <see cref="MaxHeldBytes"/>.
/// </remarks>
public sealed class UsageEventFilter(Stream inner) : ForwardOnlyStream
{
    /// <summary>The beginning of an event is held back up to this size; what is larger tells more than usage, and passes.</summary>
    public const int MaxHeldBytes = 16 * 1024;

    private const int MinRoom = 512;

    // What may pass already is in front, up to _ready; the beginning of an event behind it.
    private byte[] _held = [];
    private int _taken;
    private int _ready;
    private int _end;

    private bool _isPassing;
    private bool _hasDropped;
    private bool _isLineEmpty = true;
    private bool _isAfterCarriageReturn;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_taken < _ready)
        {
            return new(TakeReady(buffer.Span));
        }

        // A read into no room only waits.
        return buffer.IsEmpty ? inner.ReadAsync(buffer, cancellationToken) : FilterAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            Release();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> FilterAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int passed;
        do
        {
            // Behind what is held, so that the event is in one piece.
            var isDirect = buffer.Length > _end;
            var read = await inner.ReadAsync(isDirect ? buffer[_end..] : MakeRoom(), cancellationToken);
            if (read == 0)
            {
                return End(buffer.Span);
            }

            passed = isDirect ? SiftInto(buffer.Span, read) : SiftHeld(buffer.Span, read);
        }
        while (passed == 0);
        return passed;
    }

    private int SiftInto(Span<byte> buffer, int read)
    {
        _held.AsSpan(0, _end).CopyTo(buffer);
        var bytes = buffer[..(_end + read)];
        var passed = Sift(bytes, _end, out var rest);
        if (bytes.Length == rest)
        {
            Release();
            return passed;
        }

        MakeHeld(bytes.Length - rest);
        bytes[rest..].CopyTo(_held);
        (_taken, _ready, _end) = (0, 0, bytes.Length - rest);
        return passed;
    }

    private int SiftHeld(Span<byte> buffer, int read)
    {
        var bytes = _held.AsSpan(0, _end + read);
        var passed = Sift(bytes, _end, out var rest);
        bytes[rest..].CopyTo(bytes[passed..]);
        (_taken, _ready, _end) = (0, passed, passed + bytes.Length - rest);
        return TakeReady(buffer);
    }

    /// <summary>Moves what may pass to the front.</summary>
    /// <param name="bytes">Begins with an event, or within one that passes anyway.</param>
    /// <param name="seen">How much of it has been looked at before.</param>
    /// <param name="rest">Where an event begins that has no end yet.</param>
    /// <returns>How much may pass.</returns>
    private int Sift(Span<byte> bytes, int seen, out int rest)
    {
        var passed = 0;
        rest = 0;
        if (seen == 0 && _isAfterCarriageReturn && bytes[0] == '\n')
        {
            // The other half of a line end: it goes the way of the event before it.
            _isAfterCarriageReturn = false;
            passed = _hasDropped ? 0 : 1;
            seen = rest = 1;
        }

        while (TryFindEnd(bytes, ref seen))
        {
            _hasDropped = !_isPassing && UsageEvent.Is(bytes[rest..seen]);
            _isPassing = false;
            if (!_hasDropped)
            {
                Pass(bytes, ref passed, rest, seen);
            }

            rest = seen;
        }

        _isPassing |= bytes.Length - rest > MaxHeldBytes;
        if (_isPassing)
        {
            Pass(bytes, ref passed, rest, bytes.Length);
            rest = bytes.Length;
            _hasDropped = false;
        }

        return passed;
    }

    private static void Pass(Span<byte> bytes, ref int passed, int start, int end)
    {
        if (passed != start)
        {
            bytes[start..end].CopyTo(bytes[passed..]);
        }

        passed += end - start;
    }

    /// <summary>Looks for the next empty line, which ends an event, and moves behind it, or behind everything.</summary>
    private bool TryFindEnd(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length)
        {
            if (_isAfterCarriageReturn && bytes[at] == '\n')
            {
                _isAfterCarriageReturn = false;
                at++;
                continue;
            }

            _isAfterCarriageReturn = false;
            var length = bytes[at..].IndexOfAny((byte)'\r', (byte)'\n');
            var wasEmpty = _isLineEmpty && length == 0;
            _isLineEmpty = length >= 0;
            if (length < 0)
            {
                at = bytes.Length;
                return false;
            }

            at += length + 1;
            _isAfterCarriageReturn = bytes[at - 1] == '\r';
            if (wasEmpty)
            {
                if (_isAfterCarriageReturn && at < bytes.Length && bytes[at] == '\n')
                {
                    _isAfterCarriageReturn = false;
                    at++;
                }

                return true;
            }
        }

        return false;
    }

    private int End(Span<byte> buffer)
    {
        if (_end == 0 || UsageEvent.Is(_held.AsSpan(0, _end)))
        {
            Release();
            return 0;
        }

        _ready = _end;
        return TakeReady(buffer);
    }

    private int TakeReady(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _ready - _taken);
        _held.AsSpan(_taken, count).CopyTo(buffer);
        _taken += count;
        if (_taken == _ready)
        {
            _held.AsSpan(_ready, _end - _ready).CopyTo(_held);
            (_taken, _ready, _end) = (0, 0, _end - _ready);
        }

        return count;
    }

    private Memory<byte> MakeRoom()
    {
        MakeHeld(_end + MinRoom);
        return _held.AsMemory(_end);
    }

    private void MakeHeld(int atLeast)
    {
        if (_held.Length < atLeast)
        {
            var larger = ArrayPool<byte>.Shared.Rent(atLeast);
            _held.AsSpan(0, _end).CopyTo(larger);
            ReturnHeld();
            _held = larger;
        }
    }

    private void Release()
    {
        ReturnHeld();
        (_held, _taken, _ready, _end) = ([], 0, 0, 0);
    }

    private void ReturnHeld()
    {
        if (_held.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_held);
        }
    }
}
