using System.Buffers;
using System.Text.Encodings.Web;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>Decides what of a text that comes piece by piece the client may have: all but what could still become a hit, without what is one, and with what was replaced in the request.</summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class TextRelease : IDisposable
{
    /// <summary>Characters of a text that are held at most.</summary>
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

    /// <param name="rules">For answers.</param>
    /// <param name="tokens">What was replaced in the request. Null: nothing.</param>
    /// <param name="findings">Is told what is found.</param>
    public TextRelease(PolicyRule[] rules, TokenTable? tokens, PolicyFindings findings)
    {
        (_rules, _tokens, _findings) = (Array.FindAll(rules, static rule => ActionOf(rule) != PolicyAction.Off), tokens, findings);
        _actions = Array.ConvertAll(_rules, ActionOf);
        _enforces = Array.Exists(_actions, static action => action > PolicyAction.Monitor);
        _holdsArguments = Array.Exists(_actions, static action => action == PolicyAction.Block);
        _context = _rules.Length == 0 ? 0 : _rules.Max(static rule => rule.Context);
    }

    public int Rules => _rules.Length;

    /// <summary>What becomes of a hit in a response. There is nothing to put back for what the provider has said: it is masked for good.</summary>
    public static PolicyAction ActionOf(PolicyRule rule) => rule.ActionFor(PolicyRoles.Assistant, isEmbedded: false) is var action && action == PolicyAction.Tokenize ? PolicyAction.Mask : action;

    /// <summary>Releases what may be released.</summary>
    /// <param name="channel">With what has come.</param>
    /// <param name="isOver">Nothing more will come of it.</param>
    /// <param name="released">What the client may have.</param>
    /// <returns>False: there is too much to hold, and nobody can say whether it may pass.</returns>
    public bool TryRelease(TextChannel channel, bool isOver, CharBuffer released)
    {
        var text = channel.Text.Span;
        if (!isOver && _holdsArguments && channel.IsArguments)
        {
            // A call that is looked at only at its end would have been made by then.
            return text.Length - channel.Released <= MaxHeld;
        }

        _screen.ScanPlain(text, _rules);
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

    // What begins behind it may still become something else.
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

    // What may be the beginning of a placeholder, whichever there are.
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
            // What is a hit already and ends behind it is not cut.
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
            var (action, begin) = (_actions[i], Math.Max(from, channel.Seen[i]));
            var end = action > PolicyAction.Monitor ? until : isOver ? length : _screen.OpenFrom(rule);
            foreach (var hit in _screen.Hits)
            {
                // What is longer than was held begins before it, and must not end behind it either. A pattern may take the beginning of what is left for one of the text.
                if (ReferenceEquals(hit.Rule, rule) && hit.Place.End <= end
                    && (action > PolicyAction.Monitor ? hit.Place.Start >= from || (hit.Place.End > from && rule.Kind != PolicyKind.Pattern) : hit.Place.Start >= channel.Seen[i]))
                {
                    _findings.Add(rule, isOutput: true, action, where: null);
                    if (action > PolicyAction.Monitor)
                    {
                        _hits.Add((hit.Place.Start, hit.Place.End, rule));
                    }
                }
            }

            channel.Seen[i] = Math.Max(begin, end);
        }

        _hits.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.End.CompareTo(a.End));
    }

    private void Write(TextChannel channel, int until, CharBuffer released)
    {
        var at = channel.Released;
        var text = channel.Text.Span;
        for (var i = 0; i < _hits.Count; i++)
        {
            var (start, end, rule) = _hits[i];
            if (end <= at)
            {
                continue;
            }

            Restore(text[at..Math.Max(at, start)], channel.IsArguments, released);

            // Of what overlaps nothing is left, and one mask stands for all of it.
            while (i + 1 < _hits.Count && _hits[i + 1].Start < end)
            {
                end = Math.Max(end, _hits[++i].End);
            }

            AppendMask(rule!.Mask, channel.IsArguments && IsBare(text[..start], text[end..]), released);
            at = end;
        }

        Restore(text[at..Math.Max(at, until)], channel.IsArguments, released);
    }

    private void Restore(ReadOnlySpan<char> text, bool isJson, CharBuffer released) => Restore(text, _tokens, isJson, released);

    // A number of JSON has no quotes, and a mask in its place needs them.
    private static bool IsBare(ReadOnlySpan<char> before, ReadOnlySpan<char> behind) =>
        before.TrimEnd() is [.., ':' or ',' or '['] && behind.TrimStart() is [',' or '}' or ']', ..];

    private static void AppendMask(string mask, bool inQuotes, CharBuffer released)
    {
        released.Append(inQuotes ? "\"" : "");
        released.Append(mask);
        released.Append(inQuotes ? "\"" : "");
    }

    /// <summary>Copies a text, with what was replaced put back.</summary>
    /// <param name="text">With placeholders.</param>
    /// <param name="tokens">What they stand for. Null: there are none.</param>
    /// <param name="isJson">The text is JSON, and they stand within its texts.</param>
    /// <param name="released">Where it goes.</param>
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
