namespace Cencori.Edge.Storage.Requests;

/// <summary>The value of one column of a record: a number, a text or null. Avoids boxing.</summary>
public readonly struct RecordValue
{
    // The number that stands for null. No column has this value: it is far too early for a time, and amounts are not negative.
    private const long NullValue = long.MinValue;

    private readonly long _number;

    private RecordValue(string? text, long number)
    {
        Text = text;
        _number = number;
    }

    public static RecordValue Missing { get; } = new(null, NullValue);

    public string? Text { get; }

    /// <summary>The number. 0 for null, so use it only for a column that is never null.</summary>
    public long Number => _number == NullValue ? 0 : _number;

    public long? OptionalNumber => _number == NullValue ? null : _number;

    public static implicit operator RecordValue(string? text) => new(text, NullValue);

    public static implicit operator RecordValue(long number) => new(null, number);

    public static implicit operator RecordValue(long? number) => new(null, number ?? NullValue);

    public static implicit operator RecordValue(bool flag) => new(null, flag ? 1 : 0);
}
