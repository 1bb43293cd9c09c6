using Cencori.Edge.Streams;

namespace Cencori.Edge.Dialects;

/// <summary>Receives the events that an <see cref="EventReader"/> reads.</summary>
internal interface IEventSink
{
    /// <summary>Called for a comment line, without its line end. Clients ignore comments.</summary>
    void Comment(ReadOnlySpan<byte> line);

    /// <summary>Called with the data of one event, joined to one line.</summary>
    void Data(ReadOnlySpan<byte> data);

    /// <summary>Called when an event exceeds the buffer limit.</summary>
    void TooLarge();
}

/// <summary>Reads server-sent events from a stream that arrives in pieces, which may be cut anywhere. An event that lies within one piece is not copied.</summary>
internal sealed class EventReader(IEventSink sink)
{
    /// <summary>Maximum size of an event, in bytes. No provider sends more: the largest events contain one sound or image.</summary>
    public const int MaxEventBytes = 32 * 1024 * 1024;

    private readonly TextBuffer _open = new();
    private readonly TextBuffer _joined = new();
    private EventFramer _framer;
    private bool _hasBegun;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> DataName => "data:"u8;

    public void Read(ReadOnlySpan<byte> piece)
    {
        var at = _open.Length == 0 && _framer.IsLateLineFeed(piece[0]) ? 1 : 0;
        var start = at;
        while (_framer.TryFindEnd(piece, ref at))
        {
            Take(piece[start..at]);
            start = at;
        }

        var rest = piece[start..];
        if (rest.IsEmpty)
        {
            return;
        }

        // [DONE] is reported without waiting for the empty line after it, which some providers delay.
        if (TryHold(rest) && DoneMarker.Is(_open.Span))
        {
            Finish();
        }
    }

    /// <summary>Ends the stream. A pending event without a closing empty line is processed too.</summary>
    public void Finish()
    {
        if (_open.Length > 0)
        {
            ReadEvent(_open.Span);
            _open.Clear();
        }
    }

    public void Release()
    {
        _open.Clear();
        _joined.Clear();
    }

    private void Take(ReadOnlySpan<byte> text)
    {
        if (_open.Length == 0)
        {
            ReadEvent(text);
            return;
        }

        if (TryHold(text))
        {
            Finish();
        }
    }

    private bool TryHold(ReadOnlySpan<byte> text)
    {
        if (_open.Length + text.Length > MaxEventBytes)
        {
            _open.Clear();
            sink.TooLarge();
            return false;
        }

        _open.Append(text);
        return true;
    }

    private void ReadEvent(ReadOnlySpan<byte> text)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            text = text.StartsWith(ByteOrderMark) ? text[ByteOrderMark.Length..] : text;
        }

        ReadOnlySpan<byte> data = default;
        var lines = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (line is [(byte)':', ..])
            {
                sink.Comment(line);
            }
            else if (line.StartsWith(DataName))
            {
                line = line[DataName.Length..];
                line = line is [(byte)' ', ..] ? line[1..] : line;
                data = lines++ == 0 ? line : Join(data, line, isFirst: lines == 2);
            }
        }

        if (lines > 0)
        {
            sink.Data(data);
            _joined.Clear();
        }
    }

    // The data lines of one event form one text, joined by line breaks.
    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> before, ReadOnlySpan<byte> line, bool isFirst)
    {
        if (isFirst)
        {
            _joined.Append(before);
        }

        _joined.Append((byte)'\n');
        _joined.Append(line);
        return _joined.Span;
    }
}
