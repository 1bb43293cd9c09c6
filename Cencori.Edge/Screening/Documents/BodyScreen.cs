using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Scans every text of a JSON document, wherever it is: the provider decides which members an endpoint has, and adds new ones.</summary>
/// <remarks>Not thread-safe. Reuses its memory, and allocates nothing when there are no hits.</remarks>
internal sealed partial class BodyScreen(CleanTextCache clean) : IDisposable
{
    /// <summary>Number of hits after which the scan stops. <see cref="IsCut"/> is then true.</summary>
    public const int MaxHits = 20_000;

    /// <summary>Nesting depth that can be scanned. Deeper documents are refused before the scan.</summary>
    public const int MaxDepth = 512;

    // Number of characters of the shortest number that is scanned. A number with fewer digits cannot match any rule.
    private const int ShortestNumber = 9;

    // Size of buffers that may be kept for the next body. An object with larger buffers is not reused.
    private const int MaxKept = 256 * 1024;

    private readonly TextScreen _screen = new();
    private readonly List<Hit> _found = [];
    private readonly List<PolicyRule> _told = [];
    private PolicySet _set = null!;
    private PolicyRule[] _rules = [];
    private bool _isOutput;
    private int _longest;

    /// <summary>Name of the requested model. Not scanned where it is the value of <c>model</c>. Null: every value of <c>model</c> is scanned.</summary>
    public string? Model { get; set; }

    /// <summary>True when a form has content that cannot be scanned: a part with its own encoding, or data after the end of the form.</summary>
    public bool HidesText { get; set; }

    /// <summary>The hits in body order. Hits in the same text are grouped by rule, except in very long ones.</summary>
    public List<BodyHit> Hits { get; } = [];

    /// <summary>In responses: ranges of values that repeat the text token by token, such as log probabilities.</summary>
    public List<ByteRange> Tokens { get; } = [];

    /// <summary>True when the body has a part that is not text, or that is stored elsewhere.</summary>
    public bool HasUnscannable { get; set; }

    /// <summary>True when the limit of hits was reached, and the rest was not scanned.</summary>
    public bool IsCut => Hits.Count >= MaxHits;

    /// <param name="body">Valid JSON.</param>
    /// <param name="set">The policies to apply.</param>
    /// <param name="isOutput">True: applies the rules for responses.</param>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public void Scan(ReadOnlySpan<byte> body, PolicySet set, bool isOutput)
    {
        (_set, _isOutput, _rules, _depth, _inner) = (set, isOutput, isOutput ? set.Output : set.Input, 0, new());
        Forget();
        var start = body.StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(body[start..], new JsonReaderOptions { MaxDepth = MaxDepth });
        while (!IsCut && reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Begin(reader.TokenType == JsonTokenType.StartArray, body);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    End(body);
                    break;
                case JsonTokenType.PropertyName:
                    TakeName(ref reader, start, body);
                    break;
                case JsonTokenType.String:
                    TakeText(reader, start, body);
                    break;
                case JsonTokenType.Number:
                    TakeNumber(reader, start, body);
                    break;
                default:
                    Next();
                    break;
            }
        }

        Settle(0, 0, PolicyRoles.User);
    }

    /// <summary>Scans a text that is not JSON.</summary>
    /// <returns>The hits. Valid until the next text is scanned.</returns>
    public List<Hit> ScanPlain(ReadOnlySpan<char> text, PolicyRule[] rules)
    {
        _screen.ScanPlain(text, rules);
        return _screen.Hits;
    }

    /// <summary>Forgets the scanned body.</summary>
    /// <returns>False when the object holds much memory and should not be reused.</returns>
    public bool Forget()
    {
        var isSmall = _longest <= MaxKept && Hits.Capacity <= MaxKept;
        Hits.Clear();
        Tokens.Clear();
        _found.Clear();
        _told.Clear();
        (HasUnscannable, HidesText) = (false, false);
        ForgetTexts();
        _screen.Forget();
        return isSmall;
    }

    public void Dispose() => _screen.Dispose();

    private void TakeName(ref Utf8JsonReader reader, int start, ReadOnlySpan<byte> body)
    {
        ref var frame = ref Top;
        frame.Name = Inside(reader, start);
        frame.Member = MemberOf(ref reader);
        frame.IsNameHidden = false;
        if (_isOutput && reader.ValueSpan.SequenceEqual("logprobs"u8))
        {
            SkipTokens(ref reader, start);
            return;
        }

        if (!ApiNames.Has(reader.ValueSpan))
        {
            var before = Hits.Count;
            frame.IsNameHidden = true;
            Scan(frame.Name, body, isNumber: false, isFixed: false);
            frame.IsNameHidden = Hits.Count > before;
        }

        Span<byte> buffer = stackalloc byte[LongestWord];
        var name = reader.ValueIsEscaped ? WordOf(reader, buffer) : reader.ValueSpan;
        HasUnscannable |= NonTextNames.Has(name);
        frame.IsSource = Is(name, "source"u8);
    }

    private void SkipTokens(ref Utf8JsonReader reader, int start)
    {
        reader.Read();
        var from = (int)reader.TokenStartIndex;
        reader.Skip();
        if (reader.TokenType != JsonTokenType.Null)
        {
            Tokens.Add(new(start + from, (int)reader.BytesConsumed - from));
        }
    }

    private void TakeText(in Utf8JsonReader reader, int start, ReadOnlySpan<byte> body)
    {
        if (_depth > 0 && !Top.IsList)
        {
            TakeRole(reader);
        }

        var inside = Inside(reader, start);
        if (MediaData.Is(NameAbove(body), reader.ValueSpan))
        {
            HasUnscannable = true;
            if (!Top.IsList)
            {
                Top.Media = inside;
            }
        }
        else if (!ApiNames.IsWord(NameAbove(body), reader.ValueSpan))
        {
            var isFixed = _depth == 1 && Top.Member == BodyMember.Model;
            if (isFixed && KnownModel.Is(Model, reader.ValueSpan))
            {
                Next();
                return;
            }

            if (KeepsTexts && !isFixed)
            {
                Keep(inside, body);
            }

            Scan(inside, body, isNumber: false, isFixed);
        }

        Next();
    }

    private void TakeNumber(in Utf8JsonReader reader, int start, ReadOnlySpan<byte> body)
    {
        if (reader.ValueSpan.Length >= ShortestNumber)
        {
            Scan(new(start + (int)reader.TokenStartIndex, reader.ValueSpan.Length), body, isNumber: true, isFixed: false);
        }

        // An array of numbers in "input" or "prompt" contains token ids: text that the edge cannot read.
        HasUnscannable |= _depth > 1 && Top.IsList && (Is(NameIn(0, body), "input"u8) || Is(NameIn(0, body), "prompt"u8));
        Next();
    }

    private static ByteRange Inside(in Utf8JsonReader reader, int start) => new(start + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);

    private void Scan(ByteRange inside, ReadOnlySpan<byte> body, bool isNumber, bool isFixed)
    {
        var text = body.Slice(inside.Start, inside.Length);
        var (hash, isToolResult) = (default(UInt128), IsToolResult());
        if (text.Length >= CleanTextCache.Shortest)
        {
            hash = clean.HashOf(text, _set.Digest.Span, (byte)((_isOutput ? 1 : 0) + (isToolResult ? 2 : 0)));
            if (clean.Has(hash))
            {
                return;
            }
        }

        ScanText(inside, body, isToolResult);
        if (_found.Count > 1 && text.Length > PieceBytes)
        {
            // The pieces of the text have the hits of all rules one after the other. Each step back in inner JSON would read it from its start.
            _found.Sort(static (a, b) => a.Place.Start.CompareTo(b.Place.Start));
        }

        foreach (var hit in _found)
        {
            Add(hit, inside, body, isNumber, isFixed);
        }

        if (_found.Count == 0 && text.Length >= CleanTextCache.Shortest)
        {
            clean.Add(hash);
        }
    }
}
