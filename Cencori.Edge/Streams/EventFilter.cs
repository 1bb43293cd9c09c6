using System.Buffers;

namespace Cencori.Edge.Streams;

/// <summary>
/// Shows what has been read to the observers, and leaves in the buffer what may pass. An event that is read in one piece is neither copied
/// nor held; the beginning of one that is not is kept until the rest is there, up to <see cref="MaxEventBytes"/>.
/// </summary>
/// <remarks>
/// A buffer begins with what may pass; behind it comes the beginning of an event, if one is open. It passes at once where nobody takes events
/// out, and is then kept for the observers alone.
/// </remarks>
internal struct EventFilter(IResponseObserver[] observers, bool isEventStream)
{
    /// <summary>A larger event is shown in pieces, and passes in pieces.</summary>
    public const int MaxEventBytes = 16 * 1024;

    private readonly bool _holds = isEventStream && Array.Exists(observers, static observer => observer.TakesEventsOut);
    private EventFramer _framer;
    private byte[] _open = [];
    private int _openLength;
    private bool _isLarge;
    private bool _hasTakenOut;

    // Of the buffer under way.
    private int _passed;
    private int _start;
    private int _end;

    /// <summary>Events pass only when they are whole.</summary>
    public readonly bool Holds => _holds;

    /// <summary>Where the next bytes belong.</summary>
    public readonly int End => _end;

    public readonly bool HasPassed => (_holds ? _passed : _end) > 0;

    /// <summary>The beginning of an event, so far as it has been read before.</summary>
    public readonly ReadOnlySpan<byte> Open => _open.AsSpan(0, _openLength);

    /// <summary>The beginning of an event, so far as it is in the buffer.</summary>
    public readonly ReadOnlySpan<byte> OpenIn(ReadOnlySpan<byte> buffer) => buffer[_start.._end];

    /// <summary>How many bytes are kept in memory.</summary>
    public readonly int KeptBytes => _open.Length;

    /// <param name="buffer">Has room for an event of the largest size, where events are held.</param>
    public void Begin(Span<byte> buffer)
    {
        (_passed, _start, _end) = (0, 0, 0);
        if (_holds && _openLength > 0)
        {
            Open.CopyTo(buffer);
            (_end, _openLength) = (_openLength, 0);
        }
    }

    /// <summary>Bytes have been read to the end of what the buffer holds.</summary>
    public void Add(Span<byte> buffer, int read)
    {
        var at = _end;
        _end += read;
        if (!isEventStream)
        {
            PassPiece(buffer, _end);
            return;
        }

        if (at == _start && _openLength == 0 && _framer.IsLateLineFeed(buffer[at]))
        {
            // It goes the way of the event before it.
            at++;
            Show(buffer[_start..at]);
            Pass(buffer, at, stays: !_hasTakenOut);
        }

        while (_framer.TryFindEnd(buffer[.._end], ref at))
        {
            PassEvent(buffer, at);
        }

        // Not every provider sends the empty line behind the end at once.
        if (_isLarge || _openLength + _end - _start > MaxEventBytes || (_holds && DoneMarker.Is(buffer[_start.._end])))
        {
            _isLarge = true;
            PassPiece(buffer, _end);
        }

        if (_start != _passed)
        {
            buffer[_start.._end].CopyTo(buffer[_passed..]);
            (_start, _end) = (_passed, _end - _start + _passed);
        }
    }

    /// <summary>There is nothing more: an event that is open is as whole as it will be.</summary>
    /// <returns>False: the response is not whole. Then what is open passes only where events are not held.</returns>
    public bool Finish(Span<byte> buffer, IResponseOwner owner)
    {
        // Half an event may be half of one that is taken out.
        var isHalf = _holds && buffer[_start.._end].TrimEnd(" \r\n"u8) is not [.., (byte)'}' or (byte)']'];
        var stays = _openLength + _end - _start > 0 && ShowNext(buffer[_start.._end]);
        var isWhole = owner.IsWhole();
        Pass(buffer, _end, isWhole ? stays && !isHalf : !_holds);
        return isWhole;
    }

    /// <summary>The buffer goes to the client; of an event that is open the beginning is kept.</summary>
    /// <returns>How much of the buffer passes.</returns>
    public int HandOver(Span<byte> buffer)
    {
        Keep(buffer[_start.._end]);
        var passed = _holds ? _passed : _end;
        (_passed, _start, _end) = (0, 0, 0);
        if (_openLength == 0)
        {
            Release();
        }

        return passed;
    }

    /// <summary>Nothing more comes, or nobody wants it: the observers see what was kept, and it does not pass.</summary>
    public void Drop()
    {
        if (_openLength > 0)
        {
            ShowEvent(Open);
        }

        Forget();
    }

    private void PassEvent(Span<byte> buffer, int end)
    {
        var stays = ShowNext(buffer[_start..end]);
        (_isLarge, _hasTakenOut) = (false, !stays);
        Pass(buffer, end, stays);
    }

    private void PassPiece(Span<byte> buffer, int end)
    {
        ShowPiece(buffer[_start..end]);
        Pass(buffer, end, stays: true);
        _hasTakenOut = false;
    }

    private bool ShowNext(ReadOnlySpan<byte> text)
    {
        if (_isLarge || _openLength + text.Length > MaxEventBytes)
        {
            ShowPiece(text);
            return true;
        }

        if (_openLength == 0)
        {
            return ShowEvent(text);
        }

        Keep(text);
        var stays = ShowEvent(Open);
        Forget();
        return stays;
    }

    private void ShowPiece(ReadOnlySpan<byte> piece)
    {
        if (_openLength > 0)
        {
            Show(Open);
            Forget();
        }

        Show(piece);
    }

    private void Pass(Span<byte> buffer, int end, bool stays)
    {
        if (stays)
        {
            if (_passed != _start)
            {
                buffer[_start..end].CopyTo(buffer[_passed..]);
            }

            _passed += end - _start;
        }

        _start = end;
    }

    private readonly void Show(ReadOnlySpan<byte> piece)
    {
        foreach (var observer in observers)
        {
            observer.Read(piece);
        }
    }

    private readonly bool ShowEvent(ReadOnlySpan<byte> text)
    {
        foreach (var observer in observers)
        {
            if (!observer.ReadEvent(text))
            {
                return false;
            }
        }

        return true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        if (_open.Length < _openLength + bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_openLength + bytes.Length);
            Open.CopyTo(larger);
            Release();
            _open = larger;
        }

        bytes.CopyTo(_open.AsSpan(_openLength));
        _openLength += bytes.Length;
    }

    private void Forget()
    {
        _openLength = 0;
        Release();
    }

    private void Release()
    {
        if (_open.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_open);
            _open = [];
        }
    }
}
