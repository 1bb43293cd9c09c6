namespace Cencori.Edge.Storage;

/// <summary>What a column of <c>request_records</c> holds, which decides how it is stored and how it is told.</summary>
public enum RecordKind
{
    /// <summary>Text that a caller or a provider chose.</summary>
    Text,

    /// <summary>Text of the operator's or the edge's own, of which there are few: it stands once in <c>record_texts</c>, and the row has its number.</summary>
    Name,

    /// <summary>A request's id, in few bytes where the edge made it.</summary>
    RequestId,

    /// <summary>JSON of the edge's own making.</summary>
    Json,

    /// <summary>Milliseconds since 1970.</summary>
    Time,

    /// <summary>A whole number of any size.</summary>
    Number,

    /// <summary>A whole number that is kept in four bytes, the largest of them standing for all beyond.</summary>
    Count,

    /// <summary>A whole number of two bytes.</summary>
    Small,

    /// <summary>One of a few words, by its number.</summary>
    Choice,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>See <see cref="Picodollars"/>.</summary>
    Money,
}
