using System.Buffers;
using System.Text.Json;

namespace Cencori.Edge.Errors;

/// <summary>Formats the error event that ends a broken event stream. Its form makes every official client raise an error.</summary>
public static class ErrorEvent
{
    // The stream may have stopped inside an event. An empty line ends that event, and is ignored if none is open.
    private static ReadOnlySpan<byte> EndOfEvent => "\n\n"u8;

    /// <param name="error">The error.</param>
    /// <param name="dialect">The dialect of the stream.</param>
    /// <param name="requestId">The id of the request.</param>
    /// <param name="sequenceNumber">The number of this event. Used only in dialects that number their events.</param>
    public static ReadOnlyMemory<byte> Format(EdgeError error, EventDialect dialect, string requestId, long sequenceNumber)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(EndOfEvent);
        text.Write(dialect is EventDialect.Typed or EventDialect.Messages ? "event: error\ndata: "u8 : "data: "u8);
        using (var json = new Utf8JsonWriter(text, ErrorWriter.Json))
        {
            switch (dialect)
            {
                case EventDialect.Typed:
                    WriteTyped(json, error, sequenceNumber);
                    break;
                case EventDialect.Messages:
                    ErrorWriter.WriteAnthropic(json, error, requestId);
                    break;
                case EventDialect.Native:
                    json.WriteStartObject();
                    json.WriteString("error", error.Message);

                    // Some client libraries ignore the member error and check only finish_reason.
                    json.WriteString("finish_reason", "error");
                    json.WriteEndObject();
                    break;
                default:
                    WriteChunk(json, error);
                    break;
            }
        }

        text.Write(EndOfEvent);
        return text.WrittenMemory;
    }

    // The official .NET client skips an event without choices silently, but throws at an event whose choices are null. The other clients throw at
    // the error itself.
    private static void WriteChunk(Utf8JsonWriter json, EdgeError error)
    {
        json.WriteStartObject();
        ErrorWriter.WriteError(json, error);
        json.WriteNull("choices");
        json.WriteEndObject();
    }

    private static void WriteTyped(Utf8JsonWriter json, EdgeError error, long sequenceNumber)
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteString("code", error.Kind.Code);
        json.WriteString("message", error.Message);
        json.WriteString("param", error.Param);
        json.WriteNumber("sequence_number", sequenceNumber);

        // The official Python and JavaScript clients treat an event with the member "error" as an error, whatever its name and type. The .NET client
        // returns every event and throws only at an event that it cannot parse, such as one with the member "error".
        ErrorWriter.WriteError(json, error);
        json.WriteNull("output[]");
        json.WriteEndObject();
    }
}
