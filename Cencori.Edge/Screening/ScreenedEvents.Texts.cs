using System.IO.Hashing;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>The texts of an event: those that go on in later ones, and those that are whole.</summary>
internal sealed partial class ScreenedEvents
{
    private const int MostChannels = 1_024;
    private const int KnownTexts = 64;

    private readonly ulong[] _known = new ulong[KnownTexts];

    private void TakeFragment(EventText one, ByteRange inside, ReadOnlySpan<byte> text)
    {
        var channel = Find(one);
        if (channel is null)
        {
            Block(owner.Unscanned("It has too many parts at once."));
            return;
        }

        _fragment.Clear();
        _released.Clear();
        JsonText.Unescape(text.Slice(inside.Start, inside.Length), _fragment);
        var wasHeld = channel.IsHeld;
        channel.Text.Append(_fragment.Span);
        if (!_release.TryRelease(channel, isOver: false, _released))
        {
            Block(owner.Unscanned("It has a part that is too large to be held until it is whole."));
            return;
        }

        if (wasHeld || channel.IsHeld || !_released.Span.SequenceEqual(_fragment.Span))
        {
            Replace(inside, _released.Span);
        }

        if (channel.IsHeld)
        {
            channel.Keep(text, inside);
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

        if (_channels.Count == MostChannels)
        {
            return null;
        }

        var made = new TextChannel(one, _release.Rules);
        _channels.Add(made);
        return made;
    }

    // Ids and names come with every event: what was clean once is so again.
    private void TakeWhole(ByteRange inside, bool isArguments, ReadOnlySpan<byte> text)
    {
        var source = text.Slice(inside.Start, inside.Length);
        var hash = XxHash3.HashToUInt64(source) | 1;
        if (source.IsEmpty || _known[hash % KnownTexts] == hash)
        {
            return;
        }

        _fragment.Clear();
        _released.Clear();
        JsonText.Unescape(source, _fragment);
        using var whole = new TextChannel(new() { IsArguments = isArguments }, _release.Rules);
        whole.Text.Append(_fragment.Span);
        _release.TryRelease(whole, isOver: true, _released);
        if (!_released.Span.SequenceEqual(_fragment.Span))
        {
            Replace(inside, _released.Span);
        }
        else
        {
            _known[hash % KnownTexts] = hash;
        }
    }

    private void Replace(ByteRange inside, ReadOnlySpan<char> with)
    {
        _changed.Clear();
        JsonText.Escape(with, _changed);
        _splices.Add(new(inside, _changed.Span.ToArray()));
    }

    // Each in a copy of the last event that had a part of it, so that it has the form that the client expects.
    private void Flush(ulong? owner, ulong except)
    {
        for (var i = 0; i < _channels.Count && !_isBlocked; i++)
        {
            var channel = _channels[i];
            if (!channel.IsHeld || channel.Key == except || (owner is not null && channel.Owner != owner))
            {
                continue;
            }

            Tell(channel);
            channel.Dispose();
            _channels.RemoveAt(i--);
        }
    }

    private void Tell(TextChannel channel)
    {
        _released.Clear();
        _release.TryRelease(channel, isOver: true, _released);
        if (owner.Tally.Blocks)
        {
            Block(owner.Violation());
            return;
        }

        if (_released.Length == 0)
        {
            return;
        }

        _changed.Clear();
        JsonText.Escape(_released.Span, _changed);
        var text = channel.Event;
        Output.Append(text[..channel.Inside.Start]);
        Output.Append(_changed.Span);
        Output.Append(text[channel.Inside.End..]);
        owner.HasBegun = true;
    }
}
