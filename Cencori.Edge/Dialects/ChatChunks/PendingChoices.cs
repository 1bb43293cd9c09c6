namespace Cencori.Edge.Dialects.ChatChunks;

/// <summary>
/// Holds tool calls and finish reasons of a chat stream that the edge rewrites for a native endpoint (/api/ai/…). Such a stream repeats members of the first
/// choice at the top level of its events. Clients stop at the first <c>finish_reason</c> at the top level. So the first choice's finish reason is written
/// at the top level only when all other choices are done.
/// </summary>
/// <param name="requested">Number of choices requested.</param>
internal sealed class PendingChoices(long requested)
{
    // Maximum number of choices that a request may ask for. Further choices are not tracked, and their call fragments pass unchanged.
    private const int MaxChoices = 128;

    private ToolCallBuffers?[] _held = [];
    private UInt128 _started;
    private UInt128 _finished;
    private byte[]? _reason;

    public long HeldBytes { get; private set; }

    /// <summary>True when a choice has more calls, or a larger call, than the edge holds in memory.</summary>
    public bool AreTooMany { get; private set; }

    // True when the finish reason of the first choice has been sent at the top level of an event.
    private bool _isEndSent;

    /// <summary>True when the finish reason of the first choice, or a call, has not been sent. Read this property after the provider's last chunk.</summary>
    public bool IsEndUnsent => IsFirstUnsent || Array.Exists(_held, IsUnsent);

    /// <summary>True when the first choice has a finish reason or calls that were not yet sent at the top level of an event.</summary>
    public bool IsFirstUnsent => !_isEndSent && (_reason is not null || BuffersOf(0) is { Any: true });

    /// <summary>Stores the fragments of tool calls and the finish reasons of a chunk in this object.</summary>
    /// <returns>False when the chunk has only fragments of tool calls, so that nothing of it can be sent yet.</returns>
    public bool Take(Chunk chunk, ReadOnlySpan<byte> json)
    {
        var hasContent = chunk.Choices.Length == 0;
        foreach (ref readonly var choice in chunk.Choices)
        {
            if (choice.Index is < 0 or >= MaxChoices)
            {
                hasContent = true;
                continue;
            }

            var bit = UInt128.One << (int)choice.Index;
            var isAgain = false;
            _started |= bit;
            if (choice.HasFragments)
            {
                isAgain = Hold(choice, json);
            }

            if (!choice.FinishReason.IsEmpty())
            {
                _finished |= bit;
                _reason = choice.Index == 0 ? _reason ?? json[choice.FinishReason].ToArray() : _reason;
                hasContent = true;
            }

            hasContent |= !choice.HasFragments || choice.HasOtherMembers || (choice.HasRole && !isAgain);
        }

        return hasContent;
    }

    /// <summary>The position of the first choice's text in the chunk. Empty when the chunk has none.</summary>
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

    /// <summary>True when all choices have a finish reason, and the finish reason of the first choice was not yet sent at the top level of an event.</summary>
    public bool IsEndReached => !_isEndSent && _reason is not null && _started == _finished && (long)UInt128.PopCount(_finished) >= requested;

    /// <summary>Writes members of the event's top level: the finish reason of the first choice and its calls, if any. Writes them only once.</summary>
    public void WriteEnd(TextBuffer output)
    {
        var calls = BuffersOf(0) is { Any: true } held ? held : null;
        if (_isEndSent || (_reason is null && calls is null))
        {
            return;
        }

        _isEndSent = true;
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

    /// <summary>Writes the chunk's choices without call fragments. A choice that ends in this chunk gets its complete calls.</summary>
    public void WriteChoices(TextBuffer output, Chunk chunk, ReadOnlySpan<byte> json)
    {
        var at = chunk.AllChoices.Start.Value;
        foreach (ref readonly var choice in chunk.Choices)
        {
            if (choice.Index is < 0 or >= MaxChoices)
            {
                continue;
            }

            var calls = !choice.FinishReason.IsEmpty() && IsUnsent(BuffersOf(choice.Index)) ? BuffersOf(choice.Index) : null;
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

    /// <summary>Writes choices with the calls that were not yet sent.</summary>
    /// <param name="output">Receives the list.</param>
    /// <param name="hasFirst">True: includes the first choice even without calls.</param>
    public void WriteUnsent(TextBuffer output, bool hasFirst)
    {
        output.Append((byte)'[');
        var hasOthers = false;
        for (var i = 0; i < Math.Max(1, _held.Length); i++)
        {
            var calls = IsUnsent(BuffersOf(i)) ? BuffersOf(i) : null;
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

    private static bool IsUnsent(ToolCallBuffers? calls) => calls is { IsEmpty: false, AreSent: false };

    private static void WriteDelta(TextBuffer output, ReadOnlySpan<MemberRange> members, ReadOnlySpan<byte> json, ToolCallBuffers? calls)
    {
        output.Append((byte)'{');
        for (var i = 0; i < members.Length; i++)
        {
            output.Append(i == 0 ? default : ","u8);
            output.Append(json[members[i].Full]);
        }

        if (calls is not null)
        {
            calls.WriteMembers(output, hasOthers: members.Length > 0);
            calls.AreSent = true;
        }

        output.Append((byte)'}');
    }

    private ToolCallBuffers? BuffersOf(long index) => index < _held.Length ? _held[index] : null;

    // Adds the call fragments of a choice to its held calls. Returns true when the choice had earlier fragments.
    private bool Hold(in ChunkChoice choice, ReadOnlySpan<byte> json)
    {
        _held = _held.Length == 0 ? new ToolCallBuffers?[MaxChoices] : _held;
        ref var calls = ref _held[choice.Index];
        var isAgain = calls is not null;

        // Fragments that arrive after the calls of their choice were sent belong to new calls. The memory of the sent calls is released.
        HeldBytes -= calls?.Bytes ?? 0;
        if (calls is null or { AreSent: true })
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
