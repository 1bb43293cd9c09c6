using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>What of an event is another one for the client.</summary>
internal sealed partial class ScreenedEvents
{
    private bool IsClosed(TextChannel channel) => _walk.ClosesAll || _walk.Closed.Contains(channel.Owner);

    // Its owner goes on with another text. Arguments of several calls may come in turn.
    private bool IsOvertaken(TextChannel channel)
    {
        foreach (var touched in _touched)
        {
            if (touched.HasGrown && touched.Owner == channel.Owner && !(touched.IsArguments && channel.IsArguments))
            {
                return true;
            }
        }

        return false;
    }

    private void RemoveClosed()
    {
        for (var i = _channels.Count - 1; i >= 0; i--)
        {
            if (IsClosed(_channels[i]))
            {
                _channels[i].Dispose();
                _channels.RemoveAt(i);
            }
        }
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
            var (range, with, _) = _changes[i];
            _event.Append(text[at..range.Start]);
            _changes[i] = _changes[i] with { Range = new(_event.Length, with.Length) };
            _event.Append(_replacements.Span.Slice(with.Start, with.Length));
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

    // What stands at a place of the event instead, by its place in all replacements.
    private readonly record struct Change(ByteRange Range, ByteRange With, TextChannel? Channel);
}
