using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Dialects;
using Cencori.Edge.Policies;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Screening;

/// <summary>A stream of events as policies let it pass. What could still become a hit waits for what follows it; all else goes on at once, and what nothing is found in goes on byte for byte.</summary>
internal sealed partial class ScreenedEvents(Stream inner, PolicyRule[] rules, TokenTable? tokens, OutputScreen owner) : RewrittenStream(inner)
{
    // A larger event has a picture or a sound in it.
    private const int MaxEvent = 8 * 1024 * 1024;

    private readonly TextBuffer _open = new();
    private readonly EventData _data = new();
    private readonly TextBuffer _changed = new();
    private readonly EventWalk _walk = new();
    private readonly TextRelease _release = new(rules, tokens, owner.Tally);
    private readonly TextScreen _screen = new();
    private readonly List<TextChannel> _channels = [];
    private readonly CharBuffer _fragment = new();
    private readonly CharBuffer _released = new();
    private readonly List<Splice> _splices = [];
    private EventFramer _framer;
    private bool _isBlocked;

    protected override void Rewrite(ReadOnlySpan<byte> piece)
    {
        var from = owner.Now();
        var at = _open.Length == 0 && _framer.IsLateLineFeed(piece[0]) ? 1 : 0;
        Output.Append(piece[..at]);
        var start = at;
        while (!_isBlocked && _framer.TryFindEnd(piece, ref at))
        {
            if (_open.Length == 0)
            {
                Take(piece[start..at]);
            }
            else
            {
                _open.Append(piece[start..at]);
                Take(_open.Span);
                _open.Clear();
            }

            start = at;
        }

        if (!_isBlocked && start < piece.Length)
        {
            Hold(piece[start..]);
        }

        owner.Took(from);
    }

    protected override void End()
    {
        if (_isBlocked)
        {
            return;
        }

        if (_open.Length > 0)
        {
            Take(_open.Span);
        }

        Flush(owner: null, except: 0);
    }

    protected override void Release()
    {
        owner.Finish();
        _open.Clear();
        _data.Clear();
        _changed.Clear();
        _fragment.Dispose();
        _released.Dispose();
        _release.Dispose();
        _screen.Dispose();
        _channels.ForEach(static channel => channel.Dispose());
        _channels.Clear();
    }

    private void Hold(ReadOnlySpan<byte> rest)
    {
        _open.Append(rest);

        // Not every provider sends the empty line behind the end at once.
        if (DoneMark.Is(_open.Span))
        {
            Take(_open.Span);
            _open.Clear();
        }
        else if (_open.Length > MaxEvent)
        {
            Block(owner.Unscanned("It has an event that is too large to be looked into."));
        }
    }

    private void Take(ReadOnlySpan<byte> text)
    {
        if (DoneMark.Is(text))
        {
            Flush(owner: null, except: 0);
            Pass(text);
            return;
        }

        var json = _data.Find(ref text);
        if (json.Length == 0)
        {
            Pass(text);
            return;
        }

        try
        {
            _walk.Read(text.Slice(json.Start, json.Length));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            if (!owner.MayPassUnscanned)
            {
                Block(owner.Unscanned("It has an event that cannot be read."));
                return;
            }

            Pass(text);
            return;
        }

        TakeTexts(text, json.Start);
    }

    private void TakeTexts(ReadOnlySpan<byte> text, int offset)
    {
        _splices.Clear();
        var (first, count) = (default(EventText), 0);
        foreach (var one in _walk.Texts)
        {
            var inside = new ByteRange(offset + one.Inside.Start, one.Inside.Length);
            if (one.IsFragment)
            {
                first = count++ == 0 ? one : first;
                TakeFragment(one, inside, text);
            }
            else
            {
                TakeWhole(inside, one.IsArguments, text);
            }

            if (_isBlocked || owner.Tally.Blocks)
            {
                Block(owner.Violation());
                return;
            }
        }

        if (owner.Enforces)
        {
            foreach (var tokens in _walk.Tokens)
            {
                _splices.Add(new(new(offset + tokens.Start, tokens.Length), text[offset + tokens.Start] == '[' ? "[]"u8.ToArray() : "null"u8.ToArray()));
            }
        }

        // What is held of other texts has no event of its own any more.
        if (_walk.Closes)
        {
            Flush(count > 0 ? first.Owner : null, except: 0);
        }
        else if (count > 0)
        {
            Flush(first.Owner, except: first.Channel);
        }

        if (!_isBlocked)
        {
            PassChanged(text);
        }
    }

    private void PassChanged(ReadOnlySpan<byte> text)
    {
        if (_splices.Count == 0)
        {
            Pass(text);
            return;
        }

        _splices.Sort(static (a, b) => a.Range.Start.CompareTo(b.Range.Start));
        var at = 0;
        foreach (var (range, bytes) in _splices)
        {
            if (range.Start >= at)
            {
                Output.Append(text[at..range.Start]);
                Output.Append(bytes.Span);
                at = range.End;
            }
        }

        Output.Append(text[at..]);
        owner.HasBegun = true;
    }

    private void Pass(ReadOnlySpan<byte> text)
    {
        Output.Append(text);
        owner.HasBegun = true;
    }

    private void Block(Errors.EdgeError error)
    {
        if (!_isBlocked)
        {
            _isBlocked = true;
            Output.Append(owner.End(error).Span);
            Stop();
        }
    }
}
