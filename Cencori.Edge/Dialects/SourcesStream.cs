using Cencori.Edge.Dialects.ChatChunks;

namespace Cencori.Edge.Dialects;

/// <summary>Rewrites an OpenAI chat stream as a response with sources: first the sources, then the text of the first choice, event by event, then <c>[DONE]</c>.</summary>
/// <remarks>No text is buffered.</remarks>
internal sealed class SourcesStream : RewrittenStream, IEventSink
{
    private readonly NativeResponse _response;
    private readonly Action<Exception> _giveUp;
    private readonly EventReader _events;
    private readonly Chunk _chunk = new();
    private bool _hasComment;
    private bool _hasSources;
    private bool _isDone;
    private bool _isEndWritten;

    public SourcesStream(Stream inner, NativeResponse response, Action<Exception> giveUp)
        : base(inner) => (_response, _giveUp, _events) = (response, giveUp, new(this));

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

    public void TooLarge()
    {
        if (!_isEndWritten)
        {
            _giveUp(new InvalidDataException("The provider sent an event that is too large to forward."));
            WriteError("\"The provider sent an event that is too large to forward.\""u8);
        }
    }

    protected override void Rewrite(ReadOnlySpan<byte> piece)
    {
        if (_isEndWritten)
        {
            return;
        }

        WriteSources();
        _hasComment = false;
        _events.Read(piece);
        if (_isDone && _response.Bill().IsSettled)
        {
            WriteEnd();
        }
        else if (_hasComment)
        {
            Output.Append((byte)'\n');
        }
    }

    protected override void End()
    {
        WriteSources();
        _events.Finish();
        if (!_isEndWritten)
        {
            WriteEnd();
        }
    }

    protected override void Release() => _events.Release();

    private void WriteSources()
    {
        if (!_hasSources && _response.Sources!.Json is { } sources)
        {
            var start = Begin();
            Output.Append("{\"type\":\"sources\",\"sources\":"u8);
            Output.Append(sources);
            Output.Append((byte)'}');
            Finish(start);
        }

        _hasSources = true;
    }

    private void Translate(ReadOnlySpan<byte> json)
    {
        foreach (ref readonly var choice in _chunk.Choices)
        {
            if (choice.Index == 0)
            {
                WriteChoice(choice, json);
                break;
            }
        }

        if (_chunk.IsError)
        {
            _giveUp(new InvalidDataException("The provider reported an error."));
            WriteError(_chunk.ErrorMessage.IsEmpty() ? "\"The provider reported an error.\""u8 : json[_chunk.ErrorMessage]);
        }
    }

    private void WriteChoice(in ChunkChoice choice, ReadOnlySpan<byte> json)
    {
        var start = Begin();
        Output.Append("{\"type\":\"content\",\"delta\":"u8);
        var text = Output.Length;
        ContentText.Write(Output, json[choice.Content]);
        var hasEnd = !choice.FinishReason.IsEmpty();
        if (Output.Length - text <= "\"\"".Length && !hasEnd)
        {
            Output.CutTo(start - "data: ".Length);
            return;
        }

        if (hasEnd)
        {
            Output.Append(",\"finish_reason\":"u8);
            Output.Append(json[choice.FinishReason]);
        }

        Output.Append((byte)'}');
        Finish(start);
    }

    private void WriteEnd()
    {
        _isEndWritten = true;
        Output.Append("data: [DONE]\n\n"u8);
    }

    // The error is the last event that the client receives. The missing [DONE] shows that the stream is incomplete.
    private void WriteError(ReadOnlySpan<byte> message)
    {
        _isEndWritten = true;
        var start = Begin();
        Output.Append("{\"error\":"u8);
        Output.Append(message);
        Output.Append((byte)'}');
        Finish(start);
        Stop();
    }

    private int Begin()
    {
        Output.Append("data: "u8);
        return Output.Length;
    }

    private void Finish(int start)
    {
        _hasComment = false;
        EventText.PutOnOneLine(Output, start);
        Output.Append(EndOfEvent);
    }
}
