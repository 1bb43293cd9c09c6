namespace Cencori.Edge.Dialects;

/// <summary>
/// Rewrites OpenAI's chat completion for a native endpoint (/api/ai/…). After the provider's members, writes the members that Cencori's clients need.
/// The provider's <c>usage</c> is dropped. Other members of the provider that have the name of an added member are renamed; all others are unchanged.
/// </summary>
internal sealed class ChatDocument(Stream inner, NativeResponse response) : DocumentStream(inner)
{
    private const int Choices = 2;
    private const int Choice = 3;
    private const int Message = 4;

    // Maximum size of the text, and of the list of calls, that is repeated at the top level. A larger one appears only in the choice.
    private const int MaxTextBytes = 32 * 1024 * 1024;
    private const int MaxUsageBytes = 64 * 1024;

    // Suffix that renames a provider's member if an added member has the same name.
    private const string RenamedBy = "_of_provider";

    private readonly BoundedText _content = new(MaxTextBytes);
    private readonly BoundedText _calls = new(MaxTextBytes);
    private readonly BoundedText _reason = new(MaxUsageBytes);
    private readonly BoundedText _usage = new(MaxUsageBytes);

    private bool _isError;
    private bool _hasMessage;

    protected override MemberHandling HandlingOf(int place, int element, ReadOnlySpan<byte> name, byte first) => place switch
    {
        Root when name.SequenceEqual("choices"u8) && first == '[' => new() { Below = Choices },
        Root when name.SequenceEqual("error"u8) && first is (byte)'{' or (byte)'"' => Failed(),
        Root when name.SequenceEqual("usage"u8) => new() { IsDropped = true, Copy = Restart(_usage) },
        Root => new() { Name = OtherName(name) },
        Choices when element == 0 && first == '{' => new() { Below = Choice },
        Choice when name.SequenceEqual("message"u8) && first == '{' => BeginMessage(),
        Choice when name.SequenceEqual("finish_reason"u8) => new() { Copy = Restart(_reason) },
        Message when name.SequenceEqual("content"u8) => new() { Copy = Restart(_content) },
        Message when name.SequenceEqual("tool_calls"u8) => new() { Copy = Restart(_calls) },
        _ => default,
    };

    protected override void AddMembers()
    {
        var bill = response.Bill();
        var hasResponse = !_isError || _hasMessage;
        if (hasResponse && !_content.IsTooLarge)
        {
            Add("content"u8);
            ContentText.Write(Output, _content.Span);
        }

        Add("provider"u8);
        Output.Append((byte)'"');
        Output.Append(System.Text.Json.JsonEncodedText.Encode(response.Provider).EncodedUtf8Bytes);
        Output.Append((byte)'"');
        if (hasResponse)
        {
            Add("finish_reason"u8);
            Output.Append(_reason.IsComplete ? _reason.Span : "null"u8);
            AddCalls();
        }

        Add("cost_usd"u8);
        UsageText.WriteCost(Output, bill.CostUsd);
        Add("usage"u8);
        UsageText.Write(Output, _usage.Span, bill);
    }

    protected override void Release()
    {
        base.Release();
        _content.Clear();
        _calls.Clear();
        _reason.Clear();
        _usage.Clear();
    }

    // Some providers report an error with a success status. The document then has no message of the model, so none is added.
    private MemberHandling Failed()
    {
        _isError = true;
        return default;
    }

    private MemberHandling BeginMessage()
    {
        _hasMessage = true;
        return new() { Below = Message };
    }

    // If a member is repeated, its last value is used, so the copy starts again.
    private static BoundedText Restart(BoundedText text)
    {
        text.Clear();
        return text;
    }

    private static string? OtherName(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("content"u8) ? "content" + RenamedBy
        : name.SequenceEqual("provider"u8) ? "provider" + RenamedBy
        : name.SequenceEqual("finish_reason"u8) ? "finish_reason" + RenamedBy
        : name.SequenceEqual("toolCalls"u8) ? "toolCalls" + RenamedBy
        : name.SequenceEqual("tool_calls"u8) ? "tool_calls" + RenamedBy
        : name.SequenceEqual("cost_usd"u8) ? "cost_usd" + RenamedBy
        : null;

    private void AddCalls()
    {
        var calls = _calls.Span;
        var hasAny = calls is [(byte)'[', ..] && calls[1..].TrimStart(" \t\r\n"u8) is not [(byte)']'];
        if (hasAny)
        {
            Add("tool_calls"u8);
            Output.Append(calls);
        }

        Add("toolCalls"u8);
        Output.Append(hasAny ? calls : "null"u8);
    }

    private void Add(ReadOnlySpan<byte> name)
    {
        Output.Append(HasMembers ? ",\""u8 : "\""u8);
        HasMembers = true;
        Output.Append(name);
        Output.Append("\":"u8);
    }
}
