using Cencori.Edge.Bodies;
using Cencori.Edge.Dialects;

namespace Cencori.Edge.Screening.Events;

/// <summary>Collects the changes to one event before the client receives the event.</summary>
internal sealed class EventChanges
{
    private readonly List<Change> _changes = [];
    private readonly TextBuffer _replacements = new();
    private readonly TextBuffer _text = new();

    /// <summary>Forgets the changes of the last event. Call before each event.</summary>
    public void Clear()
    {
        _changes.Clear();
        _replacements.Clear();
    }

    /// <param name="range">The range to replace in the event.</param>
    /// <param name="with">The replacement.</param>
    /// <param name="channel">
    /// The streamed text that the range is a part of. If the end of the text is held back, the channel keeps the event as a template to send that end.
    /// Null: the range is a complete text.
    /// </param>
    public void Add(ByteRange range, ReadOnlySpan<byte> with, TextChannel? channel = null)
    {
        _changes.Add(new(range, new(_replacements.Length, with.Length), channel));
        _replacements.Append(with);
    }

    /// <param name="inside">The range to replace in the event: the inside of a JSON string.</param>
    /// <param name="with">The replacement text, unescaped.</param>
    /// <param name="channel">The streamed text that the range is a part of. Null: the range is a complete text.</param>
    public void Add(ByteRange inside, ReadOnlySpan<char> with, TextChannel? channel = null)
    {
        _text.Clear();
        JsonText.Escape(with, _text);
        Add(inside, _text.Span, channel);
    }

    /// <summary>Writes the event with all changes.</summary>
    public void WriteTo(ReadOnlySpan<byte> text, TextBuffer output)
    {
        if (_changes.Count == 0)
        {
            output.Append(text);
            return;
        }

        _text.Clear();
        _changes.Sort(static (a, b) => a.Range.Start.CompareTo(b.Range.Start));
        var at = 0;
        for (var i = 0; i < _changes.Count; i++)
        {
            var (range, with, _) = _changes[i];
            _text.Append(text[at..range.Start]);
            _changes[i] = _changes[i] with { Range = new(_text.Length, with.Length) };
            _text.Append(_replacements.Span.Slice(with.Start, with.Length));
            at = range.End;
        }

        _text.Append(text[at..]);
        foreach (var (range, _, channel) in _changes)
        {
            if (channel is { IsHeld: true })
            {
                channel.Keep(_text.Span, range);
            }
        }

        output.Append(_text.Span);
        _text.Clear();
    }

    /// <summary>Returns the rented buffers to the array pool.</summary>
    public void Release()
    {
        _replacements.Clear();
        _text.Clear();
    }

    // Range: the replaced range of the event. With: the range of the replacement in _replacements.
    private readonly record struct Change(ByteRange Range, ByteRange With, TextChannel? Channel);
}
