using System.Text;
using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Tracks the place in a body during the walk, and finds the role of the texts there.</summary>
internal sealed partial class BodyScreen
{
    private const int LongestPath = 200;
    private const int LongestWord = 96;

    private InnerJson _inner = new();
    private BodyFrame[] _frames = new BodyFrame[16];
    private int _depth;

    private ref BodyFrame Top => ref _frames[_depth - 1];

    // True when an enclosing object has stated the tool role. Finds only roles that come before the text, which is the usual order.
    private bool IsToolResult()
    {
        for (var i = 0; i < _depth; i++)
        {
            if (_frames[i].Role == PolicyRoles.Tool)
            {
                return true;
            }
        }

        return false;
    }

    private void Begin(bool isList, ReadOnlySpan<byte> body)
    {
        var place = _depth == 0 ? PolicyRoles.None : Top.Place;
        if (place == PolicyRoles.None && _depth is 1 or 2)
        {
            place = PlaceOf(body);
        }

        var isItem = _depth == 2 && _frames[1].IsList && IsConversation(NameIn(0, body));
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, 2 * _depth);
        }

        _frames[_depth++] = new() { IsList = isList, Place = place, IsMessage = isItem, FirstHit = Hits.Count, FirstText = Texts.Count };
    }

    private static bool IsConversation(ReadOnlySpan<byte> name) =>
        Is(name, "messages"u8) || Is(name, "input"u8) || Is(name, "contents"u8) || Is(name, "items"u8) || Is(name, "additional_messages"u8);

    // The role that follows from the name of a top-level member, such as "instructions".
    private PolicyRoles PlaceOf(ReadOnlySpan<byte> body)
    {
        var top = NameIn(0, body);
        return Is(top, "system"u8) || Is(top, "instructions"u8) ? PolicyRoles.System
            : Is(top, "tools"u8) || Is(top, "functions"u8) || Is(top, "response_format"u8) ? PolicyRoles.Definitions
            : _depth == 2 && Is(top, "text"u8) && Is(NameIn(1, body), "format"u8) ? PolicyRoles.Definitions
            : PolicyRoles.None;
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word) => name.SequenceEqual(word);

    private ReadOnlySpan<byte> NameIn(int depth, ReadOnlySpan<byte> body) =>
        _frames[depth].IsList ? default : body.Slice(_frames[depth].Name.Start, _frames[depth].Name.Length);

    // Name of the current member, or of the member that holds the current list.
    private ReadOnlySpan<byte> NameAbove(ReadOnlySpan<byte> body)
    {
        var depth = _depth - 1;
        while (depth > 0 && _frames[depth].IsList)
        {
            depth--;
        }

        return depth < 0 ? default : NameIn(depth, body);
    }

    private void End(ReadOnlySpan<byte> body)
    {
        if (Top is { IsMarkedAsText: true, Media: { } text })
        {
            // A value of this object looks like a file, but its type says that it is text, so the value is scanned.
            if (KeepsTexts)
            {
                Keep(text, body);
            }

            Scan(text, body, isNumber: false, isFixed: false);
        }

        var frame = Top;
        _depth--;
        Settle(frame.FirstHit, frame.FirstText, frame.Role);
        Next();
    }

    private void Settle(int firstHit, int firstText, PolicyRoles role)
    {
        for (var i = firstHit; role != PolicyRoles.None && i < Hits.Count; i++)
        {
            if (Hits[i].Role == PolicyRoles.None)
            {
                Hits[i] = Hits[i] with { Role = role };
            }
        }

        for (var i = firstText; role != PolicyRoles.None && i < Texts.Count; i++)
        {
            if (Texts[i].Role == PolicyRoles.None)
            {
                Texts[i] = Texts[i] with { Role = role };
            }
        }
    }

    private void Next()
    {
        if (_depth > 0)
        {
            Top.Index++;
        }
    }

    private static BodyMember MemberOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueTextEquals("role"u8) ? BodyMember.Role : reader.ValueTextEquals("type"u8) ? BodyMember.Type : reader.ValueTextEquals("model"u8) ? BodyMember.Model : BodyMember.None;
        }
        catch (InvalidOperationException)
        {
            // A name that contains half of a surrogate pair is none of the known names.
            return BodyMember.None;
        }
    }

    // Only items of a conversation state a role. Objects inside them inherit it, except results of tools, which some APIs put into messages of the user. If roles
    // conflict, or a type is repeated, the user role wins, because most rules apply to it: it is unknown which of the values the provider uses.
    private void TakeRole(in Utf8JsonReader reader)
    {
        ref var frame = ref Top;
        if (frame.Member is not (BodyMember.Role or BodyMember.Type))
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[LongestWord];
        var value = WordOf(reader, buffer);
        HasUnscannable |= frame.Member == BodyMember.Type && IsNonText(value);
        frame.IsMarkedAsText |= frame.Member == BodyMember.Type && Is(value, "text"u8);
        var isType = frame.Member == BodyMember.Type;
        var role = isType ? RoleOfType(value) : RoleOf(value);
        role = isType && frame.HasType ? PolicyRoles.User
            : frame.IsMessage || (isType && role == PolicyRoles.Tool && _depth > 3 && _frames[2].IsMessage) ? role
            : PolicyRoles.None;
        frame.HasType |= isType;
        if (role != PolicyRoles.None)
        {
            frame.Role = frame.Role == PolicyRoles.None || frame.Role == role ? role : PolicyRoles.User;
        }
    }

    // Parts are items of lists. Elsewhere, such a type may be a word of the caller's own, as in the input of a tool.
    private bool IsNonText(ReadOnlySpan<byte> type)
    {
        ref readonly var parent = ref _frames[Math.Max(0, _depth - 2)];
        return _depth > 1 && Top.Place != PolicyRoles.Definitions && (parent.IsList ? NonTextNames.IsType(type) : parent.IsSource && (Is(type, "url"u8) || Is(type, "base64"u8)));
    }

    private static ReadOnlySpan<byte> WordOf(in Utf8JsonReader reader, Span<byte> buffer)
    {
        try
        {
            return reader.ValueSpan.Length > LongestWord ? default : buffer[..reader.CopyString(buffer)];
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }

    private static PolicyRoles RoleOf(ReadOnlySpan<byte> value) =>
        Is(value, "assistant"u8) || Is(value, "model"u8) ? PolicyRoles.Assistant
        : Is(value, "system"u8) || Is(value, "developer"u8) ? PolicyRoles.System
        : Is(value, "tool"u8) || Is(value, "function"u8) ? PolicyRoles.Tool
        : PolicyRoles.User;

    private static PolicyRoles RoleOfType(ReadOnlySpan<byte> value) =>
        value.EndsWith("_call_output"u8) || Is(value, "tool_result"u8) ? PolicyRoles.Tool
        : value.EndsWith("_call"u8) || Is(value, "tool_use"u8) || Is(value, "reasoning"u8) ? PolicyRoles.Assistant
        : PolicyRoles.None;

    private void Add(in Hit hit, ByteRange inside, ReadOnlySpan<byte> body, bool isNumber, bool isFixed)
    {
        if (IsCut)
        {
            return;
        }

        var isInner = !isNumber && _inner.Is(inside, body);

        // Builds the path only for the first hit of each rule, because the edge reports only the first hit.
        string? where = null;
        if (!_told.Contains(hit.Rule))
        {
            _told.Add(hit.Rule);
            where = PathOf(body);
        }

        var place = _depth > 0 && Top.Place != PolicyRoles.None ? Top.Place : _depth == 1 ? PlaceOf(body) : PolicyRoles.None;
        var range = isNumber ? inside : new ByteRange(hit.Place.Start, hit.Place.Length);
        var quotes = isNumber ? QuotesNeeded.Plain : isInner && _inner.IsNumber(range, inside, body) ? QuotesNeeded.Escaped : QuotesNeeded.None;
        Hits.Add(new(hit.Rule, range) { Role = place, Quotes = quotes, Levels = isInner ? 2 : 1, IsFixed = isFixed, Where = where });
    }

    private string PathOf(ReadOnlySpan<byte> body)
    {
        var path = new StringBuilder();
        for (var i = 0; i < _depth; i++)
        {
            if (path.Length > LongestPath)
            {
                return path.Append('…').ToString();
            }

            ref readonly var frame = ref _frames[i];
            if (frame.IsList)
            {
                path.Append('[').Append(frame.Index).Append(']');
                continue;
            }

            var name = body.Slice(frame.Name.Start, frame.Name.Length);
            path.Append(path.Length > 0 ? "." : "").Append(frame.IsNameHidden || !PathNames.IsPlain(name) ? "*" : Encoding.ASCII.GetString(name));
        }

        return path.ToString();
    }
}
