using System.Text;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>Where in a body it is, and whose words stand there.</summary>
internal sealed partial class BodyScreen
{
    private BodyFrame[] _frames = new BodyFrame[16];
    private int _depth;

    private ref BodyFrame Top => ref _frames[_depth - 1];

    // So far as it has been said before the text, as it mostly is.
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

        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, 2 * _depth);
        }

        _frames[_depth++] = new() { IsList = isList, Place = place, FirstHit = Hits.Count };
    }

    // What of a body has its own rules, by its names at the top.
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

    // Of the member under way, or of the list's that it is in.
    private ReadOnlySpan<byte> NameAbove(ReadOnlySpan<byte> body)
    {
        var depth = _depth - 1;
        while (depth > 0 && _frames[depth].IsList)
        {
            depth--;
        }

        return depth < 0 ? default : NameIn(depth, body);
    }

    private void End()
    {
        var frame = Top;
        _depth--;
        Settle(frame.FirstHit, frame.Role);
        Next();
    }

    private void Settle(int from, PolicyRoles role)
    {
        for (var i = from; role != PolicyRoles.None && i < Hits.Count; i++)
        {
            if (Hits[i].Role == PolicyRoles.None)
            {
                Hits[i] = Hits[i] with { Role = role };
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

    // Of several the caller's own counts, which most is done for.
    private static void TakeRole(ref BodyFrame frame, ReadOnlySpan<byte> body, ReadOnlySpan<byte> value)
    {
        var name = body.Slice(frame.Name.Start, frame.Name.Length);
        var role = Is(name, "role"u8) ? RoleOf(value) : Is(name, "type"u8) ? RoleOfType(value) : PolicyRoles.None;
        if (role != PolicyRoles.None)
        {
            frame.Role = frame.Role == PolicyRoles.None || frame.Role == role ? role : PolicyRoles.User;
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

    private string PathOf(ReadOnlySpan<byte> body)
    {
        var path = new StringBuilder();
        for (var i = 0; i < _depth; i++)
        {
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
