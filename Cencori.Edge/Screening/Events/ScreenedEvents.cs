using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Dialects;
using Cencori.Edge.Policies;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Screening.Events;

/// <summary>Applies policies to an event stream. Text that could still become a hit is held back. All other text passes
/// at once, and events without findings pass byte for byte.</summary>
/// <param name="inner">The provider's stream.</param>
/// <param name="rules">The rules to apply.</param>
/// <param name="tokens">The values to restore. Null: there are none.</param>
/// <param name="isLast">True when the caller reads this stream directly.</param>
/// <param name="owner">Screens the whole response, and holds its state.</param>
internal sealed partial class ScreenedEvents(Stream inner, PolicyRule[] rules, TokenTable? tokens, bool isLast, OutputScreen owner) : RewrittenStream(inner)
{
    // Size of the largest event that is screened, in bytes. A larger event contains an image or audio.
    private const int MaxEvent = 8 * 1024 * 1024;

    private readonly TextBuffer _open = new();
    private readonly EventData _data = new();
    private readonly TextBuffer _changed = new();
    private readonly EventWalk _walk = new() { Model = owner.Model };
    private readonly TextRelease _release = new(rules, tokens, owner.Findings);
    private readonly List<TextChannel> _channels = [];
    private readonly CharBuffer _fragment = new();
    private readonly CharBuffer _released = new();
    private readonly EventChanges _changes = new();
    private readonly List<TextChannel> _touched = [];
    private EventFramer _framer;
    private bool _isBlocked;
    private bool _isWithinLarge;
    private bool _hasBegun;

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

        owner.AddElapsed(from);
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

        Flush(static (_, _) => true);
    }

    protected override void Release()
    {
        if (isLast)
        {
            owner.Finish();
        }

        _open.Clear();
        _data.Clear();
        _changed.Clear();
        _changes.Release();
        _fragment.Dispose();
        _released.Dispose();
        _release.Dispose();
        _channels.ForEach(static channel => channel.Dispose());
        _channels.Clear();
    }

    private void Hold(ReadOnlySpan<byte> rest)
    {
        _open.Append(rest);

        // Some providers delay the empty line after [DONE].
        if (DoneMarker.Is(_open.Span))
        {
            Take(_open.Span);
            _open.Clear();
        }
        else if (_open.Length > MaxEvent && PassUnscanned(_open.Span, "The response has an event that is too large to be scanned."))
        {
            _isWithinLarge = true;
            _open.Clear();
        }
    }

    private void Take(ReadOnlySpan<byte> text)
    {
        if (_isWithinLarge)
        {
            // Passes the rest of a large event unchanged.
            _isWithinLarge = false;
            Pass(text);
            return;
        }

        if (!_hasBegun)
        {
            _hasBegun = true;
            text = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
        }

        if (!EventData.IsPlain(text) && !owner.MayPassUnscanned)
        {
            PassUnscanned(text, "The response has lines that are not part of an event.");
            return;
        }

        var json = _data.Find(ref text);
        var data = text.Slice(json.Start, json.Length);
        if (data.Trim((byte)' ').SequenceEqual("[DONE]"u8))
        {
            Flush(static (_, _) => true);
            Pass(text);
            return;
        }

        if (data.IsEmpty)
        {
            Pass(text);
            return;
        }

        try
        {
            _walk.Read(data);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            PassUnscanned(text, "The response has an event that cannot be read.");
            return;
        }

        TakeTexts(text, json.Start);
    }

    private void TakeTexts(ReadOnlySpan<byte> text, int offset)
    {
        _changes.Clear();
        _touched.ForEach(static channel => channel.IsTouched = false);
        _touched.Clear();
        foreach (var one in _walk.Texts)
        {
            var inside = new ByteRange(offset + one.Inside.Start, one.Inside.Length);
            if (one.IsFragment)
            {
                TakeFragment(one, inside, text);
            }
            else
            {
                TakeCompleteText(one, inside, text);
            }

            if (owner.Findings.Blocks)
            {
                Block(owner.Violation());
            }

            if (_isBlocked)
            {
                return;
            }
        }

        if (owner.Enforces)
        {
            foreach (var tokens in _walk.Tokens)
            {
                _changes.Add(new(offset + tokens.Start, tokens.Length), text[offset + tokens.Start] == '[' ? "[]"u8 : "null"u8);
            }
        }

        // Sends held text that this event does not continue, if the event closes the text, or if the choice or item of the text continues with another text.
        Flush(static (events, channel) => !channel.IsTouched && (events.IsClosed(channel) || events.IsSuperseded(channel)));
        if (!_isBlocked)
        {
            _changes.WriteTo(text, Output);
            owner.HasBegun |= isLast;
            RemoveClosed();
        }
    }

    /// <returns>False when the text must not pass.</returns>
    private bool PassUnscanned(ReadOnlySpan<byte> text, string what)
    {
        if (!owner.MayPassUnscanned)
        {
            Block(owner.Unscanned(what));
            return false;
        }

        owner.Findings.IsUnscanned |= owner.Enforces;
        Pass(text);
        return true;
    }

    private void Pass(ReadOnlySpan<byte> text)
    {
        Output.Append(text);
        owner.HasBegun |= isLast;
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
