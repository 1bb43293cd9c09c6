using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Screening.Events;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Handles the texts of an event: fragments that continue in later events, and complete texts.</summary>
internal sealed partial class GuardedEvents
{
    private const int MaxChannels = 1_024;
    private const int MaxKnown = 4_096;

    // Maximum number of characters of changed texts that are kept. If the stream repeats an original text as a whole, the kept text replaces it.
    private const int MaxKept = 512 * 1024;

    private readonly EventData _data = new();
    private readonly EventWalk _walk = new() { Model = owner.Model };
    private readonly EventChanges _changes = new();
    private readonly CharBuffer _text = new();
    private readonly Dialects.TextBuffer _escaped = new();
    private readonly List<GuardedChannel> _channels = [];
    private readonly List<GuardedChannel> _touched = [];
    private readonly List<(GuardedChannel Channel, ByteRange Inside, string Piece)> _fragments = [];
    private readonly List<(TextWindow Window, ByteRange Inside)> _completeTexts = [];
    private readonly List<TextWindow> _due = [];

    // Keys: hashes of texts that were already checked. Values: the replacements of these texts. Null: the text passes unchanged.
    private readonly Dictionary<string, string?> _known = new(StringComparer.Ordinal);
    private int _kept;

    private bool TryWalk(ref ReadOnlyMemory<byte> text, out int offset, out bool isEnd)
    {
        var found = text.Span;
        var json = _data.Find(ref found);
        var data = found.Slice(json.Start, json.Length);
        (offset, isEnd) = (json.Start, data.Trim((byte)' ').SequenceEqual("[DONE]"u8));
        if (data.IsEmpty || isEnd)
        {
            return isEnd;
        }

        try
        {
            _walk.Read(data);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }

        text = found == text.Span ? text : found.ToArray();
        return true;
    }

    private void TakeFragments(ReadOnlySpan<byte> text, int offset)
    {
        _fragments.Clear();
        ClearTouched();
        foreach (var one in _walk.Texts)
        {
            var inside = new ByteRange(offset + one.Inside.Start, one.Inside.Length);
            if (!one.IsFragment || one.IsForeign || !ResponseTexts.HasPiece(text.Slice(offset + one.Name.Start, one.Name.Length), text.Slice(inside.Start, inside.Length)) || Find(one) is not { } channel)
            {
                continue;
            }

            _text.Clear();
            JsonText.Unescape(text.Slice(inside.Start, inside.Length), _text);
            channel.Held.HasGrown = _text.Length > 0;
            channel.Add(_text.Span);
            gathered?.Add(one.Channel, _text.Span);
            _fragments.Add((channel, inside, _text.Span.ToString()));
            if (!channel.Held.IsTouched)
            {
                channel.Held.IsTouched = true;
                _touched.Add(channel);
            }
        }

        // When a text has ended, guardrails check all of the text that is still held back. A text ends when this event closes its choice (chat) or output item
        // (responses), or when this event has no fragment of the text but continues another text of the same choice or item (with the exception in
        // TextChannel.IsSupersededBy).
        Gather(static (events, channel) => events.IsClosed(channel)
            || (!channel.Held.IsTouched && events._touched.Exists(touched => channel.Held.IsSupersededBy(touched.Held))));
    }

    private bool IsClosed(GuardedChannel channel) => _walk.ClosesAll || _walk.Closed.Contains(channel.Held.Owner);

    private void Gather(Func<GuardedEvents, GuardedChannel, bool> isOver)
    {
        _due.Clear();
        foreach (var channel in _channels)
        {
            if (channel.Next(isOver(this, channel)) is { } part)
            {
                _due.Add(part);
            }
        }
    }

    private GuardedChannel? Find(EventText one)
    {
        if (_channels.Find(channel => channel.Held.Key == one.Channel) is { } known)
        {
            return known;
        }

        if (_channels.Count == MaxChannels)
        {
            return null;
        }

        var created = new GuardedChannel(one);
        _channels.Add(created);
        return created;
    }

    // Sends checked text of channels without a fragment in this event, as an event in the form of the last event that had a fragment of the channel.
    private void WriteReleasedRest()
    {
        foreach (var channel in _channels)
        {
            if (channel.Ready.Length > 0 && !channel.Held.IsTouched && rules.Length > 0)
            {
                _escaped.Clear();
                JsonText.Escape(channel.TakeReady(), _escaped);
                EventTemplate.Write(channel.Held.Event, channel.Held.Inside, _escaped.Span, _output);
            }

            if (IsClosed(channel))
            {
                Know(channel);
            }
        }
    }

    private void Know(GuardedChannel channel)
    {
        if (_known.Count < MaxKnown && channel.TryEnd(out var hash, out var changed))
        {
            _known[hash] = changed;
        }
    }

    private void TakeCompleteTexts(ReadOnlySpan<byte> text, int offset)
    {
        _changes.Clear();
        _completeTexts.Clear();
        var fragment = 0;
        foreach (var one in _walk.Texts)
        {
            var inside = new ByteRange(offset + one.Inside.Start, one.Inside.Length);
            var source = text.Slice(inside.Start, inside.Length);
            if (fragment < _fragments.Count && _fragments[fragment].Inside.Start == inside.Start)
            {
                fragment++;
                continue;
            }

            if (one.IsName || one.IsNumber || one.IsForeign
                || !(one.IsInput ? !ResponseTexts.IsBlank(source) : ResponseTexts.Has(text.Slice(offset + one.Name.Start, one.Name.Length), source)))
            {
                continue;
            }

            _text.Clear();
            JsonText.Unescape(source, _text);
            if (!_known.TryGetValue(GuardedChannel.HashOf(_text.Span), out var changed))
            {
                gathered?.Add(_text.Span);
                _completeTexts.Add((new(null, _text.Span.ToString(), 0), inside));
            }
            else if (changed is not null)
            {
                _changes.Add(inside, changed);
            }
        }
    }

    private void WriteChanged(ReadOnlySpan<byte> text)
    {
        foreach (var (window, inside) in _completeTexts)
        {
            var changed = window.After == window.Before ? null : window.After;
            if (changed is not null)
            {
                _changes.Add(inside, changed);
            }

            _kept += changed?.Length ?? 0;
            if (_known.Count < MaxKnown && _kept <= MaxKept)
            {
                _known[GuardedChannel.HashOf(window.Before)] = changed;
            }
        }

        foreach (var (channel, inside, piece) in _fragments)
        {
            var ready = channel.TakeReady();
            if (rules.Length > 0 && (ready != piece || channel.Held.IsHeld))
            {
                _changes.Add(inside, ready, channel.Held);
            }
        }

        _changes.WriteTo(text, _output);
        _channels.RemoveAll(RemoveClosed);
    }

    private void ClearTouched()
    {
        _touched.ForEach(static channel => channel.Held.IsTouched = false);
        _touched.Clear();
    }

    private bool RemoveClosed(GuardedChannel channel)
    {
        var isClosed = IsClosed(channel);
        if (isClosed)
        {
            channel.Dispose();
        }

        return isClosed;
    }

    private void ReleaseTexts()
    {
        _data.Clear();
        _changes.Release();
        _text.Dispose();
        _escaped.Clear();
        _channels.ForEach(static channel => channel.Dispose());
        _channels.Clear();
    }
}
