using System.IO.Hashing;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening.Events;

/// <summary>Handles the texts of an event: fragments that continue in later events, and complete texts.</summary>
internal sealed partial class ScreenedEvents
{
    private const int MaxChannels = 1_024;

    private readonly KnownTexts _known = new();

    private void TakeFragment(EventText one, ByteRange inside, ReadOnlySpan<byte> text)
    {
        if (Find(one) is not { } channel)
        {
            // The stream has more open texts than any provider sends at once. From here on, each fragment of a new text is screened alone.
            TakeCompleteText(one, inside, text);
            return;
        }

        _fragment.Clear();
        _released.Clear();
        JsonText.Unescape(text.Slice(inside.Start, inside.Length), _fragment);
        var wasHeld = channel.IsHeld;
        channel.HasGrown = _fragment.Length > 0;
        channel.Text.Append(_fragment.Span);
        if (!channel.IsTouched)
        {
            channel.IsTouched = true;
            _touched.Add(channel);
        }

        if (!_release.TryRelease(channel, IsClosed(channel), _released))
        {
            if (!owner.MayPassUnscanned)
            {
                Block(owner.Unscanned("The response has a part that is too large to be buffered until it is complete."));
                return;
            }

            owner.Findings.IsUnscanned = true;
            _release.TryRelease(channel, isOver: true, _released);
        }

        if (wasHeld || channel.IsHeld || !_released.Span.SequenceEqual(_fragment.Span))
        {
            _changes.Add(inside, _released.Span, channel);
        }
    }

    private TextChannel? Find(EventText one)
    {
        foreach (var channel in _channels)
        {
            if (channel.Key == one.Channel)
            {
                return channel;
            }
        }

        if (_channels.Count == MaxChannels)
        {
            return null;
        }

        var created = new TextChannel(one, _release.Rules);
        _channels.Add(created);
        return created;
    }

    // Screens a complete text. Texts without findings are remembered, because ids and names repeat in every event.
    private void TakeCompleteText(EventText one, ByteRange inside, ReadOnlySpan<byte> text)
    {
        var source = text.Slice(inside.Start, inside.Length);
        var hash = XxHash3.HashToUInt64(source) | 1;
        if (source.IsEmpty || _known.Has(hash))
        {
            return;
        }

        _fragment.Clear();
        _released.Clear();
        JsonText.Unescape(source, _fragment);
        using var whole = new TextChannel(one, _release.Rules);
        whole.Text.Append(_fragment.Span);
        _release.TryRelease(whole, isOver: true, _released);
        if (_released.Span.SequenceEqual(_fragment.Span))
        {
            _known.Add(hash);
        }
        else if (one.IsNumber)
        {
            _fragment.Clear();
            _fragment.Append('"');
            _fragment.Append(_released.Span);
            _fragment.Append('"');
            _changes.Add(inside, System.Text.Encoding.UTF8.GetBytes(_fragment.Span.ToString()));
        }
        else
        {
            _changes.Add(inside, _released.Span);
        }
    }

    // Sends held text in an event of the same form as the last event with a part of that text, because clients expect this form. If the text
    // continues later, the rules check the sent part together with the later part.
    private void Flush(Func<ScreenedEvents, TextChannel, bool> isDue)
    {
        foreach (var channel in _channels)
        {
            if (!_isBlocked && channel.IsHeld && isDue(this, channel))
            {
                WriteReleased(channel);
            }
        }
    }

    private void WriteReleased(TextChannel channel)
    {
        _released.Clear();
        _release.TryRelease(channel, isOver: true, _released);
        if (owner.Findings.Blocks)
        {
            Block(owner.Violation());
        }
        else if (_released.Length > 0)
        {
            _changed.Clear();
            JsonText.Escape(_released.Span, _changed);
            EventTemplate.Write(channel.Event, channel.Inside, _changed.Span, Output);
            owner.HasBegun |= isLast;
        }
    }

    private bool IsClosed(TextChannel channel) => _walk.ClosesAll || _walk.Closed.Contains(channel.Owner);

    private bool IsSuperseded(TextChannel channel)
    {
        foreach (var touched in _touched)
        {
            if (channel.IsSupersededBy(touched))
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
}
