namespace Cencori.Edge.Dialects.ChatChunks;

/// <summary>Assembles a tool call that arrives in fragments. All text is kept as the provider's raw JSON.</summary>
internal sealed class ToolCallBuffer
{
    // Estimated memory of the object without its text.
    private const int OwnBytes = 256;

    // Maximum number of members that the edge does not interpret. No provider sends more.
    private const int MaxOthers = 64;
    private const int LongestName = 4 * 1024;

    private byte[] _id = [];
    private byte[] _type = [];
    private byte[] _name = [];
    private bool _isCustom;
    private readonly TextBuffer _arguments = new();
    private readonly OtherMembers _others = new();
    private readonly OtherMembers _othersInside = new();

    /// <summary>The index by which the provider groups fragments.</summary>
    public required long ProvidersIndex { get; init; }

    /// <summary>The index that the client sees.</summary>
    public required long Index { get; init; }

    public bool HasId => _id.Length > 0;

    /// <summary>True when the call has more uninterpreted members, or a longer name, than the edge holds in memory.</summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>Memory used, in bytes.</summary>
    public int Bytes => OwnBytes + _id.Length + _type.Length + _name.Length + _arguments.Length + _others.Bytes + _othersInside.Bytes;

    /// <summary>True when the fragment may belong to this call. False when the fragment names a function and has a different id, even if the index is the same.</summary>
    public bool MayHave(in ToolCallFragment fragment, ReadOnlySpan<byte> json) =>
        !HasId || fragment.Id.IsEmpty() || fragment.Name.IsEmpty() || _id.AsSpan().SequenceEqual(json[fragment.Id]);

    public void Add(in ToolCallFragment fragment, ReadOnlySpan<byte> json)
    {
        // The first id is kept: some providers repeat id and type in every fragment, and some invent a new id for each fragment.
        _id = _id.Length == 0 ? json[fragment.Id].ToArray() : _id;
        _type = _type.Length == 0 ? json[fragment.Type].ToArray() : _type;
        var name = json[fragment.Name];
        if (!name.IsEmpty && !name.SequenceEqual(_name))
        {
            _name = [.. _name, .. name];
        }

        _isCustom |= fragment.IsCustom;
        _arguments.Append(json[fragment.Arguments]);
        IsTooMuch |= _name.Length > LongestName | !_others.TryAdd(json, fragment.Others) | !_othersInside.TryAdd(json, fragment.OthersInside);
    }

    /// <param name="output">Receives the call as an object.</param>
    /// <param name="hasIndex">True: also writes <c>index</c>, as in the chunks of a stream.</param>
    public void Write(TextBuffer output, bool hasIndex)
    {
        output.Append((byte)'{');
        if (hasIndex)
        {
            output.Append("\"index\":"u8);
            output.Append(Index);
            output.Append((byte)',');
        }

        if (HasId)
        {
            output.Append("\"id\":\""u8);
            output.Append(_id);
            output.Append("\","u8);
        }

        output.Append("\"type\":\""u8);
        output.Append(_type.Length > 0 ? _type : _isCustom ? "custom"u8 : "function"u8);
        output.Append(_isCustom ? "\",\"custom\":"u8 : "\",\"function\":"u8);
        WriteFunction(output);
        _others.Write(output);
        output.Append((byte)'}');
    }

    /// <summary>Writes only the value of <c>function</c>: an object with name and arguments.</summary>
    public void WriteFunction(TextBuffer output)
    {
        output.Append("{\"name\":\""u8);
        output.Append(_name);
        output.Append(_isCustom ? "\",\"input\":\""u8 : "\",\"arguments\":\""u8);
        output.Append(_arguments.Span);
        output.Append((byte)'"');
        _othersInside.Write(output);
        output.Append((byte)'}');
    }

    public void Release() => _arguments.Clear();

    /// <summary>Members that the edge does not interpret. If a name is repeated, the first member is kept.</summary>
    private sealed class OtherMembers
    {
        private List<(byte[] Name, byte[] Text)>? _members;

        public int Bytes { get; private set; }

        public bool TryAdd(ReadOnlySpan<byte> json, List<MemberRange>? members)
        {
            for (var i = 0; i < members?.Count; i++)
            {
                var name = json[members[i].Name];
                var text = json[members[i].Full];
                if (Has(name))
                {
                    continue;
                }

                if (_members?.Count == MaxOthers)
                {
                    return false;
                }

                (_members ??= []).Add((name.ToArray(), text.ToArray()));
                Bytes += name.Length + text.Length + OwnBytes;
            }

            return true;
        }

        public void Write(TextBuffer output)
        {
            foreach (var (_, text) in _members ?? [])
            {
                output.Append((byte)',');
                output.Append(text);
            }
        }

        private bool Has(ReadOnlySpan<byte> name)
        {
            foreach (var (known, _) in _members ?? [])
            {
                if (name.SequenceEqual(known))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
