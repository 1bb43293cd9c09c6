using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>Looks at every text of one JSON document after the other, wherever it stands: which places an endpoint has is the provider's to decide, and grows.</summary>
/// <remarks>For one thread at a time; its memory is used again. Without hits it allocates nothing.</remarks>
internal sealed partial class BodyScreen(CleanTextCache clean) : IDisposable
{
    /// <summary>More hits are not looked for: <see cref="IsCut"/>.</summary>
    public const int MaxHits = 20_000;

    // Longer ones have been refused.
    private const int MaxDepth = 512;

    // With fewer digits a number is none of anything that is looked for.
    private const int ShortestNumber = 9;

    // Memory that is kept for the next body.
    private const int MaxKept = 256 * 1024;

    private readonly TextScreen _screen = new();
    private readonly List<Hit> _found = [];
    private readonly List<PolicyRule> _told = [];
    private PolicySet _set = null!;
    private PolicyRule[] _rules = [];
    private bool _isOutput;
    private int _longest;

    /// <summary>Whose name is no text of anybody. Null: nobody knows.</summary>
    public string? Model { get; set; }

    /// <summary>There is something in a form that nobody can look into: it is written in a way of its own, or stands behind the end.</summary>
    public bool HidesText { get; set; }

    /// <summary>In the order of the body, but for those in one text: they stand by rule.</summary>
    public List<BodyHit> Hits { get; } = [];

    /// <summary>Of answers: values that repeat tokens of the text one by one.</summary>
    public List<ByteRange> Tokens { get; } = [];

    /// <summary>There is a part that is no text, or stands elsewhere.</summary>
    public bool HasUnscannable { get; set; }

    /// <summary>There were too many hits, and not all of it was looked at.</summary>
    public bool IsCut => Hits.Count >= MaxHits;

    /// <param name="body">JSON that is known to be so.</param>
    /// <param name="set">Whose rules.</param>
    /// <param name="isOutput">Those for responses.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public void Scan(ReadOnlySpan<byte> body, PolicySet set, bool isOutput)
    {
        (_set, _isOutput, _rules, _depth) = (set, isOutput, isOutput ? set.Output : set.Input, 0);
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

    /// <summary>Looks at a text that is no JSON.</summary>
    /// <returns>Valid until the next text.</returns>
    public List<Hit> ScanPlain(ReadOnlySpan<char> text, PolicyRule[] rules)
    {
        _screen.ScanPlain(text, rules);
        return _screen.Hits;
    }

    /// <summary>Keeps nothing of what was looked at.</summary>
    /// <returns>False: it has grown large, and is not to be used again.</returns>
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

        HasUnscannable |= NonTextNames.Has(reader.ValueSpan);
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

        // Tokens are text that nobody here can read.
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

        Look(inside, body, isToolResult);
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
