using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>Looks at every text of one JSON document after the other, wherever it stands: which places an endpoint has is the provider's to decide, and grows.</summary>
/// <remarks>For one thread at a time; its memory is used again. Without hits it allocates nothing.</remarks>
internal sealed partial class BodyScreen(CleanTexts clean) : IDisposable
{
    // Longer ones have been refused.
    private const int MaxDepth = 512;

    // With fewer digits a number is none of anything that is looked for.
    private const int ShortestNumber = 9;

    private readonly TextScreen _screen = new();
    private PolicySet _set = null!;
    private PolicyRule[] _rules = [];

    /// <summary>In the order of the body, but for those in one text: they stand by rule.</summary>
    public List<BodyHit> Hits { get; } = [];

    /// <summary>There is a part that is no text, or stands elsewhere.</summary>
    public bool HasUnscannable { get; set; }

    /// <param name="body">JSON that is known to be so.</param>
    /// <param name="set">Whose rules.</param>
    /// <param name="rules">Those of the stage.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public void Scan(ReadOnlySpan<byte> body, PolicySet set, PolicyRule[] rules)
    {
        (_set, _rules, _depth, HasUnscannable) = (set, rules, 0, false);
        Hits.Clear();
        var start = body.StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(body[start..], new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Begin(reader.TokenType == JsonTokenType.StartArray, body);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    End();
                    break;
                case JsonTokenType.PropertyName:
                    TakeName(reader, start, body);
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

        Settle(0, PolicyRoles.User);
    }

    /// <summary>Looks at one more text of a form.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="part">Where the text stands.</param>
    /// <param name="where">As a path.</param>
    /// <param name="set">Whose rules.</param>
    public void ScanPart(ReadOnlySpan<byte> body, ByteRange part, string where, PolicySet set)
    {
        // A backslash counts as an escape, as it does in JSON within a text.
        _screen.ScanJson(body.Slice(part.Start, part.Length), set.Input);
        foreach (var hit in _screen.Hits)
        {
            Hits.Add(new(hit.Rule, new(part.Start + hit.Place.Start, hit.Place.Length)) { Role = PolicyRoles.User, Where = where });
        }
    }

    /// <summary>Looks at a text that is no JSON.</summary>
    /// <returns>Valid until the next text.</returns>
    public List<Hit> ScanPlain(ReadOnlySpan<char> text, PolicyRule[] rules)
    {
        _screen.ScanPlain(text, rules);
        return _screen.Hits;
    }

    /// <summary>Keeps nothing of what was looked at.</summary>
    public void Forget()
    {
        Hits.Clear();
        HasUnscannable = false;
        _screen.Forget();
    }

    public void Dispose() => _screen.Dispose();

    private void TakeName(in Utf8JsonReader reader, int start, ReadOnlySpan<byte> body)
    {
        ref var frame = ref Top;
        frame.Name = Inside(reader, start);
        frame.IsNameHidden = false;
        var name = reader.ValueSpan;
        if (Is(name, "role"u8) || Is(name, "content"u8) || Is(name, "type"u8) || Is(name, "text"u8))
        {
            return;
        }

        var before = Hits.Count;
        frame.IsNameHidden = true;
        Scan(frame.Name, body, isNumber: false, isFixed: false);
        frame.IsNameHidden = Hits.Count > before;
        HasUnscannable |= ElsewhereNames.Has(name);
    }

    private void TakeText(in Utf8JsonReader reader, int start, ReadOnlySpan<byte> body)
    {
        if (_depth > 0 && !Top.IsList)
        {
            TakeRole(ref Top, body, reader.ValueSpan);
        }

        if (MediaData.Is(NameAbove(body), reader.ValueSpan))
        {
            HasUnscannable = true;
        }
        else
        {
            Scan(Inside(reader, start), body, isNumber: false, isFixed: _depth == 1 && Is(NameIn(0, body), "model"u8));
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
        var hash = default(UInt128);
        if (text.Length >= CleanTexts.Shortest)
        {
            hash = clean.HashOf(text, _set.Digest.Span);
            if (clean.Has(hash))
            {
                return;
            }
        }

        _screen.ScanJson(text, _rules, IsToolResult());
        if (_screen.Hits.Count > 0)
        {
            Add(inside, body, isNumber, isFixed);
        }
        else if (text.Length >= CleanTexts.Shortest)
        {
            clean.Add(hash);
        }
    }

    private void Add(ByteRange inside, ReadOnlySpan<byte> body, bool isNumber, bool isFixed)
    {
        var where = PathOf(body);
        var place = _depth > 0 && Top.Place != PolicyRoles.None ? Top.Place : _depth == 1 ? PlaceOf(body) : PolicyRoles.None;
        foreach (var hit in _screen.Hits)
        {
            var range = new ByteRange(inside.Start + hit.Place.Start, hit.Place.Length);
            Hits.Add(new(hit.Rule, range) { Role = place, Quotes = isNumber ? QuotesNeeded.Plain : IsInnerNumber(range, inside, body) ? QuotesNeeded.Escaped : QuotesNeeded.None, IsFixed = isFixed, Where = where });
        }
    }

    // A text that is itself JSON, such as the arguments of a call, must be so afterwards.
    private static bool IsInnerNumber(ByteRange range, ByteRange inside, ReadOnlySpan<byte> body)
    {
        var text = body.Slice(inside.Start, inside.Length);
        var before = text[..(range.Start - inside.Start)].TrimEnd((byte)' ');
        var behind = text[(range.End - inside.Start)..].TrimStart((byte)' ');
        return text.TrimStart((byte)' ') is [(byte)'{' or (byte)'[', ..] && before is [.., (byte)':' or (byte)',' or (byte)'['] && behind is [(byte)',' or (byte)'}' or (byte)']', ..];
    }
}
