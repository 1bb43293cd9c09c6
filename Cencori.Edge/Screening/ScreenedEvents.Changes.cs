using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>What of an event is another one for the client.</summary>
internal sealed partial class ScreenedEvents
{
    private bool IsClosed(TextChannel channel) => _walk.ClosesAll || _walk.Closed.Contains(channel.Owner);

    private bool RemoveClosed(TextChannel channel)
    {
        var isClosed = IsClosed(channel);
        if (isClosed)
        {
            channel.Dispose();
        }

        return isClosed;
    }

    private void PassChanged(ReadOnlySpan<byte> text)
    {
        if (_changes.Count == 0)
        {
            Pass(text);
            return;
        }

        _event.Clear();
        _changes.Sort(static (a, b) => a.Range.Start.CompareTo(b.Range.Start));
        var at = 0;
        for (var i = 0; i < _changes.Count; i++)
        {
            var (range, bytes, _) = _changes[i];
            _event.Append(text[at..range.Start]);
            _changes[i] = _changes[i] with { Range = new(_event.Length, bytes.Length) };
            _event.Append(bytes.Span);
            at = range.End;
        }

        _event.Append(text[at..]);
        foreach (var (range, _, channel) in _changes)
        {
            if (channel is { IsHeld: true })
            {
                channel.Keep(_event.Span, range);
            }
        }

        Pass(_event.Span);
        _event.Clear();
    }

    private readonly record struct Change(ByteRange Range, ReadOnlyMemory<byte> Bytes, TextChannel? Channel);
}
