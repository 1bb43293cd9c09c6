using System.Buffers;
using System.Text.Json;

namespace Cencori.Edge.Errors;

/// <summary>The event that ends a stream which has begun and cannot be ended well, so that every official client raises an error at it.</summary>
public static class ErrorEvent
{
    // What came before may have broken off within an event: an empty line ends that one, and is nothing where none is open.
    private static ReadOnlySpan<byte> EndOfEvent => "\n\n"u8;

    /// <param name="error">What went wrong.</param>
    /// <param name="dialect">The stream's.</param>
    /// <param name="requestId">The request's.</param>
    /// <param name="sequenceNumber">The event's own, where events are numbered.</param>
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

                    // Adapters that do not look for an error look at why it ends.
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

    // The official .NET client skips an event without choices as if nothing had happened; at this one it throws, as the other clients do at
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

        // The official clients for Python and JavaScript take an event for an error that has this member, whatever its name and type. The
        // one for .NET hands every event on as it is, and throws only at one that it cannot read, such as one with a member of this name.
        ErrorWriter.WriteError(json, error);
        json.WriteNull("output[]");
        json.WriteEndObject();
    }
}
