namespace Cencori.Edge.Screening;

/// <summary>Members of events, as the dialects of chats, responses, messages and threads have them.</summary>
internal static class EventNames
{
    /// <summary>A number that says which of several something is.</summary>
    public static bool IsIdentity(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("index"u8) || name.SequenceEqual("output_index"u8) || name.SequenceEqual("content_index"u8) || name.SequenceEqual("summary_index"u8);

    /// <summary>A text that is whole even where texts come piece by piece.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("role"u8) || name.SequenceEqual("type"u8) || name.SequenceEqual("id"u8) || name.SequenceEqual("name"u8) || name.SequenceEqual("object"u8)
        || name.SequenceEqual("status"u8) || name.SequenceEqual("call_id"u8) || name.SequenceEqual("tool_call_id"u8) || name.SequenceEqual("signature"u8)
        || name.SequenceEqual("finish_reason"u8) || name.SequenceEqual("stop_reason"u8) || name.SequenceEqual("stop_sequence"u8) || name.SequenceEqual("encrypted_content"u8);

    /// <summary>A reason to end. Some providers say with every part that there is none yet, with a text in the place of null.</summary>
    public static bool IsReason(ReadOnlySpan<byte> value) => !value.IsEmpty && !value.SequenceEqual("null"u8);

    /// <summary>A list or object whose texts are whole even there.</summary>
    public static bool HoldsWhole(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("annotations"u8) || name.SequenceEqual("annotation"u8) || name.SequenceEqual("citations"u8) || name.SequenceEqual("citation"u8) || name.SequenceEqual("metadata"u8) || name.SequenceEqual("usage"u8);

    /// <summary>A type of event behind which nothing comes of what it is about.</summary>
    public static bool ClosesOne(ReadOnlySpan<byte> type) => type.EndsWith(".done"u8) || type.SequenceEqual("content_block_stop"u8);

    /// <summary>A type of event that ends the response.</summary>
    public static bool ClosesAll(ReadOnlySpan<byte> type) =>
        type.EndsWith(".completed"u8) || type.EndsWith(".incomplete"u8) || type.EndsWith(".failed"u8) || type.SequenceEqual("message_delta"u8) || type.SequenceEqual("message_stop"u8) || type.SequenceEqual("error"u8);
}
