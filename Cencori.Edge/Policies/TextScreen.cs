using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Attacks;
using Cencori.Edge.Policies.Detectors.OwnRules;
using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Policies;

/// <summary>Scans texts one after the other with reused memory. Not thread-safe.</summary>
internal sealed class TextScreen : IDisposable
{
    private static readonly Comparer<Hit> ByPlace = Comparer<Hit>.Create(static (a, b) => a.Place.Start.CompareTo(b.Place.Start));

    private readonly ScannedText _text = new();
    private readonly List<Finding> _found = [];
    private ScannedText? _inner;
    private ScannedText? _written;
    private ScannedText? _literal;
    private ScannedText? _unfolded;
    private TextForms _read;
    private bool _isInner;
    private readonly List<Finding> _allowed = [];
    private char[]? _decoded;

    /// <summary>The hits in the last scanned text: first those in the text itself, grouped by rule, then those in its encoded runs.</summary>
    public List<Hit> Hits { get; } = [];

    /// <summary>Scans the inside of a JSON string.</summary>
    /// <param name="source">The raw bytes.</param>
    /// <param name="rules">The rules to apply.</param>
    /// <param name="isToolResult">True when the text is known to be a tool result.</param>
    /// <param name="isInner">True when the text is itself JSON, such as the arguments of a tool call.</param>
    public void ScanJson(ReadOnlySpan<byte> source, PolicyRule[] rules, bool isToolResult = false, bool isInner = false)
    {
        _isInner = isInner;
        _text.ReadJson(source);
        Scan(source, [], rules, isToolResult);
    }

    /// <summary>Scans plain text.</summary>
    /// <param name="source">The text.</param>
    /// <param name="rules">The rules to apply.</param>
    /// <param name="isInner">True when the text is JSON, such as the arguments of a tool call.</param>
    public void ScanPlain(ReadOnlySpan<char> source, PolicyRule[] rules, bool isInner = false)
    {
        _isInner = isInner;
        _text.ReadPlain(source);
        Scan([], source, rules, isToolResult: false);
    }

    /// <summary>A position in the last scanned text. The characters from there to the end may become part of a finding of the rule
    /// when more text arrives.</summary>
    public int OpenFrom(PolicyRule rule)
    {
        var from = OpenFrom(rule, _text);
        var also = rule.Detector.Also & _read;
        from = also.HasFlag(TextForms.LettersAfterBackslash) ? Math.Min(from, OpenFrom(rule, _literal!)) : from;
        return also.HasFlag(TextForms.Unfolded) ? Math.Min(from, OpenFrom(rule, _unfolded!)) : from;
    }

    /// <summary>A position in the last scanned text. The characters from there to the end may become part of an encoded run when more text arrives.</summary>
    public int EncodedFrom()
    {
        var unfinished = Math.Min(_text.Unfinished, _text.Text.Length);
        return FromEnd(_text, unfinished + EncodedRuns.Open(_text.Text[..^unfinished]));
    }

    /// <summary>Discards all scanned text, but keeps the memory for the next text.</summary>
    public void Forget()
    {
        Hits.Clear();
        _text.ReadPlain([]);
        _inner?.ReadPlain([]);
        _written?.ReadPlain([]);
        _literal?.ReadPlain([]);
        _unfolded?.ReadPlain([]);
    }

    public void Dispose()
    {
        _text.Dispose();
        _inner?.Dispose();
        _written?.Dispose();
        _literal?.Dispose();
        _unfolded?.Dispose();
    }

    private void Scan(ReadOnlySpan<byte> json, ReadOnlySpan<char> plain, PolicyRule[] rules, bool isToolResult)
    {
        Hits.Clear();
        _read = TextForms.None;
        var text = _text.Text;
        foreach (var rule in rules)
        {
            _found.Clear();
            if (rule.Detector is InjectionDetector injection)
            {
                injection.Find(text, SignsOf(isToolResult), _found);
            }
            else
            {
                rule.Detector.Find(text, _found);
            }

            var first = Hits.Count;
            _allowed.Clear();
            AddHits(rule, _text, first, json, plain);
            var also = rule.Detector.Also & _text.OtherForms;
            if (also.HasFlag(TextForms.LettersAfterBackslash))
            {
                ScanAlso(rule, TextForms.LettersAfterBackslash, _literal ??= new(keepsLetters: true), first, json, plain);
            }

            if (also.HasFlag(TextForms.Unfolded))
            {
                ScanAlso(rule, TextForms.Unfolded, _unfolded ??= new(folds: false), first, json, plain);
            }
        }

        ScanEncoded(text, rules);
    }

    private void ScanAlso(PolicyRule rule, TextForms form, ScannedText text, int first, ReadOnlySpan<byte> json, ReadOnlySpan<char> plain)
    {
        if (!_read.HasFlag(form))
        {
            _read |= form;
            if (json.IsEmpty)
            {
                text.ReadPlain(plain, _isInner);
            }
            else
            {
                text.ReadJson(json, _isInner);
            }
        }

        _found.Clear();
        rule.Detector.Find(text.Text, _found);
        AddHits(rule, text, first, json, plain);
    }

    // Adds the findings that are new: several forms of a text have most findings in common. A longer finding replaces the one that it covers.
    private void AddHits(PolicyRule rule, ScannedText text, int first, ReadOnlySpan<byte> json, ReadOnlySpan<char> plain)
    {
        var (known, end) = (first, Hits.Count);
        foreach (var found in _found)
        {
            var place = text.SourceOf(found);
            while (known < end && Hits[known].Place.End <= place.Start)
            {
                known++;
            }

            var isKnown = known < end && Hits[known].Place.Start < place.End;
            if (isKnown && !(place.Start <= Hits[known].Place.Start && place.End >= Hits[known].Place.End && place.Length > Hits[known].Place.Length))
            {
                continue;
            }

            if (IsAllowed(rule, json, plain, text.Text.Slice(found.Start, found.Length), place))
            {
                _allowed.Add(place);
            }
            else if (isKnown)
            {
                Hits[known] = new(rule, place);
            }
            else if (!_allowed.Exists(allowed => place.Start >= allowed.Start - 1 && place.End <= allowed.End))
            {
                // What is allowed in one form of the text is not forbidden in another one, which may have the letter of an escape before it.
                Hits.Add(new(rule, place));
            }
        }

        if (Hits.Count > end && end > first)
        {
            Hits.Sort(first, Hits.Count - first, ByPlace);
        }
    }

    // True when the allow list of the rule contains the found text. Also true when the found words of a phrase have no spaces between them
    // and the source has no zero-width characters in this place: such a text only looks like the phrase.
    private bool IsAllowed(PolicyRule rule, ReadOnlySpan<byte> json, ReadOnlySpan<char> plain, ReadOnlySpan<char> found, Finding place)
    {
        var isJoined = rule.Detector is WordsDetector words && words.IsJoined(found);
        if (rule.Allow.Length == 0 && !isJoined)
        {
            return false;
        }

        _written ??= new(folds: false);
        if (json.IsEmpty)
        {
            _written.ReadPlain(plain.Slice(place.Start, place.Length));
        }
        else
        {
            _written.ReadJson(json.Slice(place.Start, place.Length));
        }

        return rule.Allows(_written.Text) || (isJoined && !Folding.HasHidden(_written.Text));
    }

    private InjectionSigns SignsOf(bool isToolResult) =>
        (_text.HasTagCharacters ? InjectionSigns.TagCharacters : 0) | (_text.HasBidiOverrides ? InjectionSigns.BidiOverride : 0)
        | (_text.HasZeroWidthInWord ? InjectionSigns.ZeroWidthInWords : 0) | (isToolResult ? InjectionSigns.ToolResult : 0);

    private static int OpenFrom(PolicyRule rule, ScannedText text)
    {
        var unfinished = Math.Min(text.Unfinished, text.Text.Length);
        return FromEnd(text, unfinished + rule.Detector.Open(text.Text[..^unfinished]));
    }

    private static int FromEnd(ScannedText text, int count) => text.SourceOf(new(text.Text.Length - Math.Min(count, text.Text.Length), 0)).Start;

    // Decodes one level only: each level costs as much as the text, and repeated encoding cannot be caught completely.
    private void ScanEncoded(ReadOnlySpan<char> text, PolicyRule[] rules)
    {
        var at = 0;
        while (EncodedRuns.TryNext(text, ref at, _decoded ??= new char[EncodedRuns.MaxDecoded], out var run, out var length))
        {
            (_inner ??= new()).ReadPlain(_decoded.AsSpan(0, length));
            var decoded = _inner.Text;
            foreach (var rule in rules)
            {
                _found.Clear();
                rule.Detector.Find(decoded, _found);
                foreach (var found in _found)
                {
                    if (!IsAllowed(rule, [], _decoded.AsSpan(0, length), decoded.Slice(found.Start, found.Length), _inner.SourceOf(found)))
                    {
                        Hits.Add(new(rule, _text.SourceOf(run)));
                        break;
                    }
                }
            }
        }
    }
}
