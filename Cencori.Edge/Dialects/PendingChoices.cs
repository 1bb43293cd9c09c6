namespace Cencori.Edge.Dialects;

/// <summary>
/// What a stream's choices have come to so far. Clients read no further than the first <c>finish_reason</c> that stands beside the text, so
/// that of the first choice waits there until no other has anything to tell.
/// </summary>
/// <param name="asked">How many choices there should be.</param>
internal sealed class PendingChoices(long asked)
{
    // As many as may be asked for. Of more nothing is remembered, and their fragments pass as they are.
    private const int MaxChoices = 128;

    private ToolCallBuffers?[] _held = [];
    private UInt128 _begun;
    private UInt128 _finished;
    private byte[]? _reason;

    public long HeldBytes { get; private set; }

    /// <summary>Some choice has more calls, or more of one, than are held.</summary>
    public bool AreTooMany { get; private set; }

    // Why the first choice ends stands beside the text already.
    private bool _isEndTold;

    /// <summary>The end of the first choice, or a call, is not told yet, and nothing more comes.</summary>
    public bool IsEndUntold => IsFirstUntold || Array.Exists(_held, IsUntold);

    /// <summary>The first choice has an end, or calls, and that does not stand beside the text yet.</summary>
    public bool IsFirstUntold => !_isEndTold && (_reason is not null || Held(0) is { Any: true });

    /// <summary>Remembers what the chunk tells of calls and ends.</summary>
    /// <returns>False: it tells nothing else.</returns>
    public bool Take(Chunk chunk, ReadOnlySpan<byte> json)
    {
        var tells = chunk.Choices.Length == 0;
        foreach (ref readonly var choice in chunk.Choices)
        {
            if (choice.Index is < 0 or >= MaxChoices)
            {
                tells = true;
                continue;
            }

            var bit = UInt128.One << (int)choice.Index;
            var isAgain = false;
            _begun |= bit;
            if (choice.HasFragments)
            {
                isAgain = Hold(choice, json);
            }

            if (!choice.FinishReason.IsEmpty())
            {
                _finished |= bit;
                _reason = choice.Index == 0 ? _reason ?? json[choice.FinishReason].ToArray() : _reason;
                tells = true;
            }

            tells |= !choice.HasFragments || choice.TellsMore || (choice.TellsRole && !isAgain);
        }

        return tells;
    }

    /// <summary>The text of the first choice; empty where the chunk has none of it.</summary>
    public static Range ContentOfFirst(Chunk chunk)
    {
        foreach (ref readonly var choice in chunk.Choices)
        {
            if (choice.Index == 0)
            {
                return choice.Content;
            }
        }

        return default;
    }

    /// <summary>All choices have told why they end, and that of the first is not told beside the text.</summary>
    public bool IsEndReached => !_isEndTold && _reason is not null && _begun == _finished && (long)UInt128.PopCount(_finished) >= asked;

    /// <summary>As members that stand beside the text: why the first choice ends, and its calls, if any. Once; then nothing.</summary>
    public void WriteEnd(TextBuffer output)
    {
        var calls = Held(0) is { Any: true } held ? held : null;
        if (_isEndTold || (_reason is null && calls is null))
        {
            return;
        }

        _isEndTold = true;
        output.Append(",\"finish_reason\":"u8);
        output.Append(_reason ?? ReasonOfCalls);
        if (calls is not null)
        {
            output.Append(",\"tool_calls\":"u8);
            calls.Write(output, hasIndex: false);
            output.Append(",\"toolCalls\":"u8);
            calls.Write(output, hasIndex: false);
        }
    }

    /// <summary>The chunk's choices as they are, but for calls: those of a choice stand where it ends.</summary>
    public void WriteChoices(TextBuffer output, Chunk chunk, ReadOnlySpan<byte> json)
    {
        var at = chunk.AllChoices.Start.Value;
        foreach (ref readonly var choice in chunk.Choices)
        {
            if (choice.Index is < 0 or >= MaxChoices)
            {
                continue;
            }

            var calls = !choice.FinishReason.IsEmpty() && IsUntold(Held(choice.Index)) ? Held(choice.Index) : null;
            if (!choice.HasFragments && calls is null)
            {
                continue;
            }

            var (start, end) = choice.Delta.IsEmpty() ? (choice.End, choice.End) : (choice.Delta.Start.Value, choice.Delta.End.Value);
            output.Append(json[at..start]);
            output.Append(choice.Delta.IsEmpty() ? ",\"delta\":"u8 : default);
            WriteDelta(output, chunk.MembersOf(choice), json, calls);
            at = end;
        }

        output.Append(json[at..chunk.AllChoices.End.Value]);
    }

    /// <summary>Choices that tell nothing but what has not been told.</summary>
    /// <param name="output">Gets the list.</param>
    /// <param name="hasFirst">Also the first, where it has no calls.</param>
    public void WriteUntold(TextBuffer output, bool hasFirst)
    {
        output.Append((byte)'[');
        var hasOthers = false;
        for (var i = 0; i < Math.Max(1, _held.Length); i++)
        {
            var calls = IsUntold(Held(i)) ? Held(i) : null;
            if (calls is null && (i > 0 || !hasFirst))
            {
                continue;
            }

            output.Append(hasOthers ? ",{\"index\":"u8 : "{\"index\":"u8);
            output.Append((long)i);
            output.Append(",\"delta\":"u8);
            WriteDelta(output, [], [], calls);
            output.Append(",\"finish_reason\":"u8);
            output.Append(i == 0 && _reason is not null ? _reason : ReasonOfCalls);
            output.Append((byte)'}');
            hasOthers = true;
        }

        output.Append((byte)']');
    }

    public void Release()
    {
        foreach (var calls in _held)
        {
            calls?.Release();
        }
    }

    private static ReadOnlySpan<byte> ReasonOfCalls => "\"tool_calls\""u8;

    private static bool IsUntold(ToolCallBuffers? calls) => calls is { IsEmpty: false, AreTold: false };

    private static void WriteDelta(TextBuffer output, ReadOnlySpan<MemberRange> members, ReadOnlySpan<byte> json, ToolCallBuffers? calls)
    {
        output.Append((byte)'{');
        for (var i = 0; i < members.Length; i++)
        {
            output.Append(i == 0 ? default : ","u8);
            output.Append(json[members[i].Whole]);
        }

        if (calls is not null)
        {
            calls.WriteMembers(output, hasOthers: members.Length > 0);
            calls.AreTold = true;
        }

        output.Append((byte)'}');
    }

    private ToolCallBuffers? Held(long index) => index < _held.Length ? _held[index] : null;

    // True where some were held before.
    private bool Hold(in ChunkChoice choice, ReadOnlySpan<byte> json)
    {
        _held = _held.Length == 0 ? new ToolCallBuffers?[MaxChoices] : _held;
        ref var calls = ref _held[choice.Index];
        var isAgain = calls is not null;

        // Those that come behind the end are told once more, by themselves.
        HeldBytes -= calls?.Bytes ?? 0;
        if (calls is null or { AreTold: true })
        {
            calls?.Release();
            calls = new();
        }

        if (!choice.Calls.IsEmpty())
        {
            calls.Add(json, choice.Calls);
        }

        if (!choice.Function.IsEmpty())
        {
            calls.AddFunction(json, choice.Function);
        }

        HeldBytes += calls.Bytes;
        AreTooMany |= calls.AreTooMany;
        return isAgain;
    }
}
