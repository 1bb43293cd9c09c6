using Cencori.Edge.Dialects.ChatChunks;

namespace Cencori.Edge.Dialects;

/// <summary>
/// Rewrites an OpenAI chat stream for a native endpoint (/api/ai/…). Each event repeats the text of the first choice at its top level. Tool calls are
/// sent once, when they are complete. The stream ends with an event that has usage and cost, and with <c>[DONE]</c>.
/// </summary>
/// <remarks>No text is buffered. Data from the provider that is not JSON is dropped: no client can read it.</remarks>
internal sealed class ChatStream : RewrittenStream, IEventSink
{
    // Maximum size of all held tool calls. No model generates more in one response.
    private const int MaxHeldBytes = 32 * 1024 * 1024;
    private const int MaxUsageBytes = 64 * 1024;

    private readonly NativeResponse _response;
    private readonly Action<Exception> _giveUp;
    private readonly EventReader _events;
    private readonly Chunk _chunk = new();
    private readonly PendingChoices _choices;
    private readonly TextBuffer _usage = new();
    private bool _hasComment;
    private bool _isDone;
    private bool _isEndWritten;

    public ChatStream(Stream inner, NativeResponse response, Action<Exception> giveUp)
        : base(inner)
    {
        (_response, _giveUp, _events) = (response, giveUp, new(this));
        _choices = new(response.Choices);
    }

    private static ReadOnlySpan<byte> EndOfEvent => "\n\n"u8;

    public void Comment(ReadOnlySpan<byte> line)
    {
        if (!_isDone && !_isEndWritten && !EventText.IsSplit(line))
        {
            Output.Append(line);
            Output.Append((byte)'\n');
            _hasComment = true;
        }
    }

    public void Data(ReadOnlySpan<byte> data)
    {
        if (_isDone || _isEndWritten)
        {
            return;
        }

        if (data.SequenceEqual("[DONE]"u8))
        {
            _isDone = true;
        }
        else if (_chunk.TryRead(data))
        {
            Translate(data);
        }
    }

    public void TooLarge() => GiveUp("The provider sent an event that is too large to forward.");

    protected override void Rewrite(ReadOnlySpan<byte> piece)
    {
        if (_isEndWritten)
        {
            return;
        }

        _hasComment = false;
        _events.Read(piece);
        if (_isDone && _response.Bill() is { IsSettled: true } bill)
        {
            WriteEnd(bill);
        }
        else if (_hasComment)
        {
            Output.Append((byte)'\n');
        }
    }

    protected override void End()
    {
        _events.Finish();
        if (!_isEndWritten)
        {
            WriteEnd(_response.Bill());
        }
    }

    protected override void Release()
    {
        _events.Release();
        _choices.Release();
        _usage.Clear();
    }

    private void Translate(ReadOnlySpan<byte> json)
    {
        if (!_chunk.Usage.IsEmpty() && json[_chunk.Usage].Length <= MaxUsageBytes)
        {
            _usage.CutTo(0);
            _usage.Append(json[_chunk.Usage]);
        }

        if (_chunk.HasChoices && (_chunk.Choices.Length > 0 || (_chunk.Usage.IsEmpty() && !_chunk.IsError)))
        {
            WriteChoices(json);
        }

        if (_chunk.IsError && !_isEndWritten)
        {
            _giveUp(new InvalidDataException("The provider reported an error."));
            WriteError(_chunk.ErrorMessage.IsEmpty() ? "\"The provider reported an error.\""u8 : json[_chunk.ErrorMessage]);
        }
    }

    private void WriteChoices(ReadOnlySpan<byte> json)
    {
        var hasContent = _choices.Take(_chunk, json);
        if (_choices.HeldBytes > MaxHeldBytes || _choices.AreTooMany)
        {
            // The size is checked before the return below: nearly all chunks with fragments of tool calls have no other content, and return there.
            GiveUp("The provider sent tool calls that are too large to forward.");
            return;
        }

        if (!hasContent)
        {
            return;
        }

        var start = Begin();
        Output.Append("{\"delta\":"u8);
        ContentText.Write(Output, json[PendingChoices.ContentOfFirst(_chunk)]);
        if (!_chunk.IsError && _choices.IsEndReached)
        {
            _choices.WriteEnd(Output);
        }

        Output.Append(",\"choices\":"u8);
        _choices.WriteChoices(Output, _chunk, json);
        Output.Append((byte)'}');
        Finish(start);
    }

    private void WriteEnd(in NativeBill bill)
    {
        _isEndWritten = true;
        int start;
        if (_choices.IsEndUnsent)
        {
            start = Begin();
            Output.Append("{\"delta\":\"\""u8);
            var hasFirst = _choices.IsFirstUnsent;
            _choices.WriteEnd(Output);
            Output.Append(",\"choices\":"u8);
            _choices.WriteUnsent(Output, hasFirst);
            Output.Append((byte)'}');
            Finish(start);
        }

        start = Begin();
        Output.Append("{\"usage\":"u8);
        UsageText.Write(Output, _usage.Span, bill);
        Output.Append(",\"cost_usd\":"u8);
        UsageText.WriteCost(Output, bill.CostUsd);
        Output.Append((byte)'}');
        Finish(start);
        Output.Append("data: [DONE]\n\n"u8);
    }

    private void GiveUp(string message)
    {
        if (!_isEndWritten)
        {
            _giveUp(new InvalidDataException(message));
            WriteError([(byte)'"', .. System.Text.Encoding.ASCII.GetBytes(message), (byte)'"']);
        }
    }

    // The error is the last event that the client receives. The missing [DONE] shows that the stream is incomplete.
    // The event also has a finish_reason, because some adapters ignore the member error and check only finish_reason.
    private void WriteError(ReadOnlySpan<byte> message)
    {
        _isEndWritten = true;
        var start = Begin();
        Output.Append("{\"error\":"u8);
        Output.Append(message);
        Output.Append(",\"finish_reason\":\"error\"}"u8);
        Finish(start);
        Stop();
    }

    private int Begin()
    {
        _hasComment = false;
        Output.Append("data: "u8);
        return Output.Length;
    }

    private void Finish(int start)
    {
        EventText.PutOnOneLine(Output, start);
        Output.Append(EndOfEvent);
    }
}
