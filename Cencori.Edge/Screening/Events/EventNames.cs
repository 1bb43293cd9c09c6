namespace Cencori.Edge.Screening.Events;

/// <summary>Recognizes members of events in the formats of four APIs: chat, responses, messages and threads.</summary>
internal static class EventNames
{
    /// <summary>True for a member whose number distinguishes an object from its siblings, such as <c>index</c>.</summary>
    public static bool IsIdentity(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("index"u8) || name.SequenceEqual("output_index"u8) || name.SequenceEqual("content_index"u8) || name.SequenceEqual("summary_index"u8);

    /// <summary>True for a member whose text is complete, even inside a delta.</summary>
    public static bool IsNeverPartial(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("role"u8) || name.SequenceEqual("type"u8) || name.SequenceEqual("id"u8) || name.SequenceEqual("name"u8) || name.SequenceEqual("object"u8)
        || name.SequenceEqual("status"u8) || name.SequenceEqual("call_id"u8) || name.SequenceEqual("tool_call_id"u8) || name.SequenceEqual("signature"u8)
        || name.SequenceEqual("finish_reason"u8) || name.SequenceEqual("stop_reason"u8) || name.SequenceEqual("stop_sequence"u8) || name.SequenceEqual("encrypted_content"u8);

    /// <summary>True for a real finish reason. Some providers send the text "null" with every chunk until they have one.</summary>
    public static bool IsReason(ReadOnlySpan<byte> value) => !value.IsEmpty && !value.SequenceEqual("null"u8);

    /// <summary>True for a member that holds a list or object whose texts are complete, even inside a delta.</summary>
    public static bool HoldsCompleteTexts(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("annotations"u8) || name.SequenceEqual("annotation"u8) || name.SequenceEqual("citations"u8) || name.SequenceEqual("citation"u8) || name.SequenceEqual("metadata"u8) || name.SequenceEqual("usage"u8);

    /// <summary>True for the type of an event that ends an output item (responses), a part of one, or a content block (messages).</summary>
    public static bool ClosesOne(ReadOnlySpan<byte> type) => type.EndsWith(".done"u8) || type.SequenceEqual("content_block_stop"u8);

    /// <summary>True for an event type that ends the response.</summary>
    public static bool ClosesAll(ReadOnlySpan<byte> type) =>
        type.EndsWith(".completed"u8) || type.EndsWith(".incomplete"u8) || type.EndsWith(".failed"u8) || type.SequenceEqual("message_delta"u8) || type.SequenceEqual("message_stop"u8) || type.SequenceEqual("error"u8);
}
