using System.Text.Json;

namespace Cencori.Edge.Dialects.ChatChunks;

/// <summary>The tool calls of one choice, held until they are complete.</summary>
internal sealed class ToolCallBuffers
{
    // Maximum number of calls. No model generates more.
    private const int MaxCalls = 128;

    private readonly List<ToolCallBuffer> _calls = [];
    private ToolCallBuffer? _function;
    private long _lastIndex = -1;

    public bool Any => _calls.Count > 0;

    /// <summary>True when no call was held.</summary>
    public bool IsEmpty => _calls.Count == 0 && _function is null;

    /// <summary>True when the calls were sent to the client as members of their choice.</summary>
    public bool AreSent { get; set; }

    /// <summary>True when the choice has more calls, or larger calls, than the edge holds in memory. The held calls are then incomplete.</summary>
    public bool AreTooMany { get; private set; }

    /// <summary>Memory used, in bytes.</summary>
    public int Bytes { get; private set; }

    /// <param name="json">The JSON of the chunk.</param>
    /// <param name="fragments">Range of the array <c>tool_calls</c> of one choice.</param>
    public void Add(ReadOnlySpan<byte> json, Range fragments)
    {
        var (start, length) = fragments.GetOffsetAndLength(json.Length);
        var reader = new Utf8JsonReader(json.Slice(start, length));
        reader.Read();
        for (var position = 0; !AreTooMany && reader.Read() && reader.TokenType != JsonTokenType.EndArray; position++)
        {
            var at = start + (int)reader.TokenStartIndex;
            var isCall = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            if (isCall)
            {
                var fragment = ToolCallFragment.Read(json[at..(start + (int)reader.BytesConsumed)], at, isInside: false);
                if (Find(fragment, json, position) is { } call)
                {
                    Add(call, fragment, json);
                }
            }
        }
    }

    /// <param name="json">The JSON of the chunk.</param>
    /// <param name="function">Range of the object <c>function_call</c> of one choice.</param>
    public void AddFunction(ReadOnlySpan<byte> json, Range function) =>
        Add(_function ??= new() { ProvidersIndex = 0, Index = 0 }, ToolCallFragment.Read(json[function], function.Start.Value, isInside: true), json);

    /// <summary>Writes the calls as a JSON list.</summary>
    public void Write(TextBuffer output, bool hasIndex)
    {
        for (var i = 0; i < _calls.Count; i++)
        {
            output.Append(i == 0 ? (byte)'[' : (byte)',');
            _calls[i].Write(output, hasIndex);
        }

        output.Append((byte)']');
    }

    /// <summary>Writes the calls as members of a chunk's <c>delta</c>.</summary>
    /// <param name="output">Receives the members.</param>
    /// <param name="hasOthers">True when other members precede the calls.</param>
    public void WriteMembers(TextBuffer output, bool hasOthers)
    {
        if (Any)
        {
            output.Append(hasOthers ? ",\"tool_calls\":"u8 : "\"tool_calls\":"u8);
            Write(output, hasIndex: true);
        }

        if (_function is not null)
        {
            output.Append(hasOthers || Any ? ",\"function_call\":"u8 : "\"function_call\":"u8);
            _function.WriteFunction(output);
        }
    }

    public void Release()
    {
        _calls.ForEach(call => call.Release());
        _function?.Release();
    }

    private void Add(ToolCallBuffer call, in ToolCallFragment fragment, ReadOnlySpan<byte> json)
    {
        Bytes -= call.Bytes;
        call.Add(fragment, json);
        Bytes += call.Bytes;
        AreTooMany |= call.IsTooMuch;
    }

    // Finds or creates the call that the fragment belongs to. Returns null when the limit of calls is reached.
    private ToolCallBuffer? Find(in ToolCallFragment fragment, ReadOnlySpan<byte> json, int position)
    {
        // Some providers send no index. Then a fragment with an id starts a new call, and other fragments belong to the last call.
        var index = fragment.Index ?? (fragment.Id.IsEmpty() && Any ? _calls[^1].ProvidersIndex : position);
        for (var i = _calls.Count - 1; i >= 0; i--)
        {
            if (_calls[i].ProvidersIndex == index)
            {
                if (_calls[i].MayHave(fragment, json))
                {
                    return _calls[i];
                }

                break;
            }
        }

        AreTooMany |= _calls.Count == MaxCalls;
        if (AreTooMany)
        {
            return null;
        }

        // Some providers give all calls the same index, so a taken index is replaced by the next free one.
        var created = new ToolCallBuffer { ProvidersIndex = index, Index = IsTaken(index) ? _lastIndex + 1 : index };
        _lastIndex = Math.Max(_lastIndex, created.Index);
        Bytes += created.Bytes;
        _calls.Add(created);
        return created;
    }
    private bool IsTaken(long index)
    {
        foreach (var call in _calls)
        {
            if (call.Index == index)
            {
                return true;
            }
        }

        return false;
    }
}
