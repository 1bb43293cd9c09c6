using System.Buffers;

namespace Cencori.Edge.Streams;

/// <summary>
/// Shows the bytes that were read to the observers, and keeps in the buffer only those that may pass. An event that arrives in one piece is not copied.
/// The beginning of an incomplete event is kept until the rest arrives, up to <see cref="MaxEventBytes"/>.
/// </summary>
/// <remarks>
/// A buffer holds first what may pass, and then the beginning of an open event, if there is one. If no observer removes events, that beginning passes
/// at once, and a copy is kept for the observers only.
/// </remarks>
internal struct EventFilter(IResponseObserver[] observers, bool isEventStream)
{
    /// <summary>The limit for a complete event. A larger one is shown and passed in pieces.</summary>
    public const int MaxEventBytes = 16 * 1024;

    private readonly bool _holds = isEventStream && Array.Exists(observers, static observer => observer.TakesEventsOut);
    private EventFramer _framer;
    private byte[] _open = [];
    private int _openLength;
    private bool _isLarge;
    private bool _hasTakenOut;

    // Positions in the current buffer.
    private int _passed;
    private int _start;
    private int _end;

    /// <summary>Events pass only when they are complete.</summary>
    public readonly bool Holds => _holds;

    /// <summary>Where the next bytes go in the buffer.</summary>
    public readonly int End => _end;

    public readonly bool HasPassed => (_holds ? _passed : _end) > 0;

    /// <summary>The beginning of an open event, from earlier buffers.</summary>
    public readonly ReadOnlySpan<byte> Open => _open.AsSpan(0, _openLength);

    /// <summary>The beginning of an open event, in this buffer.</summary>
    public readonly ReadOnlySpan<byte> OpenIn(ReadOnlySpan<byte> buffer) => buffer[_start.._end];

    /// <summary>How many bytes are kept in memory.</summary>
    public readonly int KeptBytes => _open.Length;

    /// <param name="buffer">If events are held, it needs room for an event of the largest size.</param>
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
            // The late LF passes if the event before it passed.
            at++;
            Show(buffer[_start..at]);
            Pass(buffer, at, stays: !_hasTakenOut);
        }

        while (_framer.TryFindEnd(buffer[.._end], ref at))
        {
            PassEvent(buffer, at);
        }

        // Not every provider sends the empty line after [DONE] at once, so a line with it passes without waiting.
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

    /// <summary>The body has ended: an open event will not get any longer.</summary>
    /// <returns>False: the response is incomplete. An open event then passes only if events are not held.</returns>
    public bool Finish(Span<byte> buffer, IResponseOwner owner)
    {
        // An incomplete event could be one that must be removed.
        var isHalf = _holds && buffer[_start.._end].TrimEnd(" \r\n"u8) is not [.., (byte)'}' or (byte)']'];
        var stays = _openLength + _end - _start > 0 && ShowNext(buffer[_start.._end]);
        var isWhole = owner.IsWhole();
        Pass(buffer, _end, isWhole ? stays && !isHalf : !_holds);
        return isWhole;
    }

    /// <summary>Hands the buffer to the client. The beginning of an open event is kept.</summary>
    /// <returns>How many bytes of the buffer pass.</returns>
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

    /// <summary>The response has ended or is abandoned: the observers see the bytes that were kept, but these do not pass.</summary>
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
