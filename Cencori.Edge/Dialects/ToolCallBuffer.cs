namespace Cencori.Edge.Dialects;

/// <summary>A call of a tool of which fragments have come. All text is as it stood in the provider's JSON.</summary>
internal sealed class ToolCallBuffer
{
    // Beside what its text takes.
    private const int OwnBytes = 256;

    // More than anybody writes.
    private const int MaxOthers = 64;
    private const int LongestName = 4 * 1024;

    private byte[] _id = [];
    private byte[] _type = [];
    private byte[] _name = [];
    private bool _isCustom;
    private readonly TextBuffer _arguments = new();
    private readonly OtherMembers _others = new();
    private readonly OtherMembers _othersInside = new();

    /// <summary>By which the provider tells what belongs together.</summary>
    public required long ProvidersIndex { get; init; }

    /// <summary>Which the client is told.</summary>
    public required long Index { get; init; }

    public bool HasId => _id.Length > 0;

    /// <summary>It has more beside it, or a longer name, than is held.</summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>What it takes in memory.</summary>
    public int Bytes => OwnBytes + _id.Length + _type.Length + _name.Length + _arguments.Length + _others.Bytes + _othersInside.Bytes;

    /// <summary>False: what has this id and names a function is another call, whatever its index.</summary>
    public bool MayHave(in ToolCallFragment fragment, ReadOnlySpan<byte> json) =>
        !HasId || fragment.Id.IsEmpty() || fragment.Name.IsEmpty() || _id.AsSpan().SequenceEqual(json[fragment.Id]);

    public void Add(in ToolCallFragment fragment, ReadOnlySpan<byte> json)
    {
        // Some repeat them in every fragment, and some make up another id for each.
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

    /// <param name="output">Gets the call as an object.</param>
    /// <param name="hasIndex">As calls in chunks have it.</param>
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

    /// <summary>Only what is called, and with what.</summary>
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

    /// <summary>Members that mean nothing to the edge. The first of each name stays.</summary>
    private sealed class OtherMembers
    {
        private List<(byte[] Name, byte[] Text)>? _members;

        public int Bytes { get; private set; }

        public bool TryAdd(ReadOnlySpan<byte> json, List<MemberRange>? members)
        {
            for (var i = 0; i < members?.Count; i++)
            {
                var name = json[members[i].Name];
                var text = json[members[i].Whole];
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
