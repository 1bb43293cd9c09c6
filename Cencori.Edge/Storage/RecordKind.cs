namespace Cencori.Edge.Storage;

/// <summary>What a column of <c>request_records</c> holds. Decides how it is stored and returned.</summary>
public enum RecordKind
{
    /// <summary>Text chosen by a caller or a provider.</summary>
    Text,

    /// <summary>Text with few distinct values, chosen by the operator or the edge. Stored once in <c>record_texts</c>; the row has its number.</summary>
    Name,

    /// <summary>A request id; compact if the edge made it.</summary>
    RequestId,

    /// <summary>JSON written by the edge.</summary>
    Json,

    /// <summary>Milliseconds since 1970.</summary>
    Time,

    /// <summary>A 64-bit integer.</summary>
    Number,

    /// <summary>An integer stored in four bytes; larger values are stored as the maximum.</summary>
    Count,

    /// <summary>An integer of two bytes.</summary>
    Small,

    /// <summary>One of a few words, stored by number.</summary>
    Choice,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>See <see cref="Picodollars"/>.</summary>
    Money,
}
