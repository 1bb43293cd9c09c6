using System.Buffers;

namespace Cencori.Edge.Streams;

/// <summary>
/// Shows the bytes of a response to observers, and keeps in the read buffer only the bytes for the client. An event that arrives in one piece is not copied.
/// The beginning of an incomplete event is kept until the rest arrives, up to <see cref="MaxEventBytes"/>.
/// </summary>
/// <remarks>
/// The read buffer contains first the bytes for the client, and then the beginning of an open (incomplete) event, if there is one. If no observer removes
/// events, the client receives that beginning at once, and only a copy for the observers is kept.
/// </remarks>
internal struct EventFilter(IResponseObserver[] observers, bool isEventStream)
{
    /// <summary>Size of the largest event that observers see as a whole, in bytes. Observers and the client receive a larger event in pieces.</summary>
    public const int MaxEventBytes = 16 * 1024;

    private readonly bool _holds = isEventStream && Array.Exists(observers, static observer => observer.RemovesEvents);
    private EventFramer _framer;
    private byte[] _open = [];
    private int _openLength;
    private bool _isLarge;
    private bool _hasRemoved;

    // Positions in the current buffer: the end of the bytes for the client, the start of the open event, and the end of all bytes.
    private int _passed;
    private int _start;
    private int _end;

    /// <summary>True: an observer may remove events, so the client receives an event only when it is complete.</summary>
    public readonly bool Holds => _holds;

    /// <summary>The position in the buffer at which the next read must store its bytes.</summary>
    public readonly int End => _end;

    public readonly bool HasPassed => (_holds ? _passed : _end) > 0;

    /// <summary>Bytes of an open (incomplete) event from earlier buffers. With <see cref="Holds"/>, <see cref="Begin"/> moves them to its buffer.</summary>
    public readonly ReadOnlySpan<byte> Open => _open.AsSpan(0, _openLength);

    /// <summary>Bytes of the open event in this buffer. They follow the bytes of <see cref="Open"/>.</summary>
    public readonly ReadOnlySpan<byte> OpenIn(ReadOnlySpan<byte> buffer) => buffer[_start.._end];

    /// <summary>Size of the pooled array for <see cref="Open"/>, in bytes. 0: there is no array.</summary>
    public readonly int KeptBytes => _open.Length;

    /// <param name="buffer">The buffer of the next read. If <see cref="Holds"/> is true, the buffer needs room for <see cref="MaxEventBytes"/>.</param>
    public void Begin(Span<byte> buffer)
    {
        (_passed, _start, _end) = (0, 0, 0);
        if (_holds && _openLength > 0)
        {
            Open.CopyTo(buffer);
            (_end, _openLength) = (_openLength, 0);
        }
    }

    /// <summary>Processes bytes that were read into the buffer at <see cref="End"/>.</summary>
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
            // This LF belongs to the CR that ended the previous event. The client receives the LF if it received that event.
            at++;
            Show(buffer[_start..at]);
            Pass(buffer, at, isKept: !_hasRemoved);
        }

        while (_framer.TryFindEnd(buffer[.._end], ref at))
        {
            PassEvent(buffer, at);
        }

        // Not every provider sends the empty line after [DONE] at once, so the client receives the line with [DONE] before the empty line.
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

    /// <summary>Processes the end of the body, which also ends an open event.</summary>
    /// <returns>False: the response is incomplete. The client then receives an open event only if <see cref="Holds"/> is false.</returns>
    public bool Finish(Span<byte> buffer, IResponseOwner owner)
    {
        // An event that was cut off could be one that an observer must remove, so the client does not receive it.
        var isCutOff = _holds && buffer[_start.._end].TrimEnd(" \r\n"u8) is not [.., (byte)'}' or (byte)']'];
        var isKept = _openLength + _end - _start > 0 && ShowNext(buffer[_start.._end]);
        var isComplete = owner.IsComplete();
        Pass(buffer, _end, isComplete ? isKept && !isCutOff : !_holds);
        return isComplete;
    }

    /// <summary>Hands the buffer to the client. The beginning of an open event is kept.</summary>
    /// <returns>How many bytes at the start of the buffer are for the client.</returns>
    public int Release(Span<byte> buffer)
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

    /// <summary>Call this when the response has ended or is abandoned. The observers see the kept bytes, but the client does not get them.</summary>
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
        var isKept = ShowNext(buffer[_start..end]);
        (_isLarge, _hasRemoved) = (false, !isKept);
        Pass(buffer, end, isKept);
    }

    private void PassPiece(Span<byte> buffer, int end)
    {
        ShowPiece(buffer[_start..end]);
        Pass(buffer, end, isKept: true);
        _hasRemoved = false;
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
        var isKept = ShowEvent(Open);
        Forget();
        return isKept;
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

    private void Pass(Span<byte> buffer, int end, bool isKept)
    {
        if (isKept)
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
