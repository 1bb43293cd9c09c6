using System.Buffers;
using System.Text.Encodings.Web;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Events;

/// <summary>Decides how much of a streamed text the client may receive. Text that can no longer become a hit is released, with hits masked and values
/// restored.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class TextRelease : IDisposable
{
    /// <summary>Maximum number of characters of one text that are held back.</summary>
    public const int MaxHeld = 1024 * 1024;

    private const int LongestPlaceholder = TokenTable.Longest;

    private static readonly SearchValues<char> Label = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    private readonly TextScreen _screen = new();
    private readonly List<(int Start, int End, PolicyRule? Rule)> _hits = [];
    private readonly PolicyRule[] _rules;
    private readonly PolicyAction[] _actions;
    private readonly TokenTable? _tokens;
    private readonly PolicyFindings _findings;
    private readonly bool _enforces;
    private readonly bool _holdsArguments;
    private readonly int _context;

    /// <param name="rules">The rules for responses.</param>
    /// <param name="tokens">The values that placeholders replace in the request. Null: there are none.</param>
    /// <param name="findings">Receives the findings.</param>
    public TextRelease(PolicyRule[] rules, TokenTable? tokens, PolicyFindings findings)
    {
        (_rules, _tokens, _findings) = (Array.FindAll(rules, static rule => ActionOf(rule) != PolicyAction.Off), tokens, findings);
        _actions = Array.ConvertAll(_rules, ActionOf);
        _enforces = Array.Exists(_actions, static action => action > PolicyAction.Monitor);
        _holdsArguments = Array.Exists(_actions, static action => action == PolicyAction.Block);
        _context = _rules.Length == 0 ? 0 : _rules.Max(static rule => rule.Context);
    }

    public int Rules => _rules.Length;

    /// <summary>The action for a hit in a response. Tokenizing becomes masking, because nothing would restore a placeholder in a response.</summary>
    public static PolicyAction ActionOf(PolicyRule rule) => rule.ActionFor(PolicyRoles.Assistant, isEmbedded: false) is var action && action == PolicyAction.Tokenize ? PolicyAction.Mask : action;

    /// <summary>Releases as much of the text as possible.</summary>
    /// <param name="channel">The text, with the newly arrived part.</param>
    /// <param name="isOver">True when the text is complete.</param>
    /// <param name="released">Receives the text for the client.</param>
    /// <returns>False when more than <see cref="MaxHeld"/> characters would have to be held back.</returns>
    public bool TryRelease(TextChannel channel, bool isOver, CharBuffer released)
    {
        var text = channel.Text.Span;
        if (!isOver && _holdsArguments && channel.IsArguments)
        {
            // A tool call is held until it is complete. Otherwise the client could start the call before a rule finds a hit at the end of the call.
            return text.Length - channel.Released <= MaxHeld;
        }

        _screen.ScanPlain(text, _rules, channel.IsJson);
        var until = isOver ? text.Length : Until(channel, text);
        if (!isOver && text.Length - until > MaxHeld)
        {
            return false;
        }

        Take(channel, ref until, text.Length, isOver);
        Write(channel, until, released);
        channel.Released = until;
        channel.Trim(_context);
        return true;
    }

    public void Dispose() => _screen.Dispose();

    // The position from which the text may still become part of a hit.
    private int Until(TextChannel channel, ReadOnlySpan<char> text)
    {
        var until = text.Length;
        if (_enforces)
        {
            until = _screen.EncodedFrom();
            for (var i = 0; i < _rules.Length; i++)
            {
                until = _actions[i] > PolicyAction.Monitor ? Math.Min(until, _screen.OpenFrom(_rules[i])) : until;
            }
        }

        until = Math.Min(until, PlaceholderFrom(text));
        if (until > 0 && until < text.Length && char.IsSurrogatePair(text[until - 1], text[until]))
        {
            until--;
        }

        return Math.Max(until, channel.Released);
    }

    // Start of a possible placeholder at the end of the text, or the length of the text when there is none.
    private int PlaceholderFrom(ReadOnlySpan<char> text)
    {
        var start = _tokens is { Values.Count: > 0 } ? text.LastIndexOf('[') : -1;
        if (start < 0 || text.Length - start > LongestPlaceholder)
        {
            return text.Length;
        }

        var rest = text[(start + 1)..];
        var label = rest.IndexOfAnyExcept(Label);
        return label < 0 || (label > 0 && rest[label - 1] == '_' && rest[label..].IndexOfAnyExcept(TokenTable.Letters) < 0) ? start : text.Length;
    }

    private void Take(TextChannel channel, ref int until, int length, bool isOver)
    {
        _hits.Clear();
        var (from, isMoved) = (channel.Released, true);
        while (isMoved)
        {
            // The released text must not end inside a hit. If a hit extends beyond its end, the end moves to the start of the hit.
            isMoved = false;
            foreach (var hit in _screen.Hits)
            {
                if (hit.Place.Start < until && hit.Place.End > until && hit.Place.Start >= channel.Released && ActionOf(hit.Rule) > PolicyAction.Monitor)
                {
                    (until, isMoved) = (hit.Place.Start, true);
                }
            }
        }

        for (var i = 0; i < _rules.Length; i++)
        {
            var rule = _rules[i];
            var (action, begin) = (_actions[i], Math.Max(from, channel.ScannedUpTo[i]));
            var end = action > PolicyAction.Monitor ? until : isOver ? length : Math.Min(_screen.OpenFrom(rule), _screen.EncodedFrom());
            foreach (var hit in _screen.Hits)
            {
                // A hit may begin in text that was released earlier. It still counts if it ends in the held text. Patterns are excluded: the start of the
                // text may no longer be in the buffer, so a pattern such as ^a could match in the middle of the text.
                if (ReferenceEquals(hit.Rule, rule) && hit.Place.End <= end
                    && (action > PolicyAction.Monitor ? hit.Place.Start >= from || (hit.Place.End > from && rule.Kind != PolicyKind.Pattern) : hit.Place.Start >= channel.ScannedUpTo[i]))
                {
                    _findings.Add(rule, isOutput: true, action, where: null);
                    if (action > PolicyAction.Monitor)
                    {
                        _hits.Add((hit.Place.Start, hit.Place.End, rule));
                    }
                }
            }

            channel.ScannedUpTo[i] = Math.Max(begin, end);
        }

        _hits.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.End.CompareTo(a.End));
    }

    private void Write(TextChannel channel, int until, CharBuffer released)
    {
        var at = channel.Released;
        var text = channel.Text.Span;
        var (strings, read) = (channel.Strings, 0);
        for (var i = 0; i < _hits.Count; i++)
        {
            var (start, end, rule) = _hits[i];
            if (end <= at)
            {
                continue;
            }

            Restore(text[at..Math.Max(at, start)], channel.IsJson, released);

            // Overlapping hits are replaced by one mask.
            while (i + 1 < _hits.Count && _hits[i + 1].Start < end)
            {
                end = Math.Max(end, _hits[++i].End);
            }

            var isNumber = channel.IsJson && text[..start].TrimEnd() is [.., ':' or ',' or '['];
            if (isNumber)
            {
                // Outside of strings, the hit is a number. It has no quotes, so its mask needs them.
                strings.Read(text[read..start]);
                (isNumber, read) = (!strings.IsInside, start);
            }

            AppendMask(rule!.Mask, isNumber, released);
            at = end;
        }

        Restore(text[at..Math.Max(at, until)], channel.IsJson, released);
    }

    private void Restore(ReadOnlySpan<char> text, bool isJson, CharBuffer released) => Restore(text, _tokens, isJson, released);

    private static void AppendMask(string mask, bool inQuotes, CharBuffer released)
    {
        released.Append(inQuotes ? "\"" : "");
        released.Append(mask);
        released.Append(inQuotes ? "\"" : "");
    }

    /// <summary>Copies a text and restores the values behind its placeholders.</summary>
    /// <param name="text">Text with placeholders.</param>
    /// <param name="tokens">The values of the placeholders. Null: there are none.</param>
    /// <param name="isJson">True when the text is JSON and the placeholders are inside its strings.</param>
    /// <param name="released">Receives the text.</param>
    public static void Restore(ReadOnlySpan<char> text, TokenTable? tokens, bool isJson, CharBuffer released)
    {
        while (tokens is { Values.Count: > 0 } && text.IndexOf('[') is >= 0 and var start)
        {
            released.Append(text[..start]);
            text = text[start..];
            var length = text[..Math.Min(text.Length, LongestPlaceholder)].IndexOf(']') + 1;
            if (length > 0 && tokens.Find(text[..length]) is { } value)
            {
                released.Append(isJson ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value) : value);
            }
            else
            {
                length = 1;
                released.Append('[');
            }

            text = text[length..];
        }

        released.Append(text);
    }
}
