namespace Cencori.Edge.Storage.Requests;

/// <summary>The kind of values in a column of <c>request_records</c>. Decides how they are stored and returned.</summary>
public enum RecordKind
{
    /// <summary>Text that a caller or a provider chose.</summary>
    Text,

    /// <summary>Text of the operator or the edge, with few distinct values. A record stores only the number of the text in <c>record_texts</c>.</summary>
    Name,

    /// <summary>A request id. Stored in compact form if the edge created it.</summary>
    RequestId,

    /// <summary>JSON written by the edge.</summary>
    Json,

    /// <summary>A time, in milliseconds since 1970.</summary>
    Time,

    /// <summary>A 64-bit integer.</summary>
    Number,

    /// <summary>An integer stored in four bytes. Larger values are stored as the maximum.</summary>
    Count,

    /// <summary>An integer stored in two bytes.</summary>
    Small,

    /// <summary>One of a few words. Stored as the word's number.</summary>
    Choice,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>An amount of money; see <see cref="Picodollars"/>.</summary>
    Money,
}
