namespace Cencori.Edge.Storage;

/// <summary>The value of one column of a record: a number or a text, or null. Avoids boxing.</summary>
public readonly struct RecordValue
{
    // Stands for null. No column has this value: as a time it lies before the universe, as an amount it is negative.
    private const long Nothing = long.MinValue;

    private readonly long _number;

    private RecordValue(string? text, long number)
    {
        Text = text;
        _number = number;
    }

    public static RecordValue Missing { get; } = new(null, Nothing);

    public string? Text { get; }

    /// <summary>For a column that is never null.</summary>
    public long Number => _number == Nothing ? 0 : _number;

    public long? OptionalNumber => _number == Nothing ? null : _number;

    public static implicit operator RecordValue(string? text) => new(text, Nothing);

    public static implicit operator RecordValue(long number) => new(null, number);

    public static implicit operator RecordValue(long? number) => new(null, number ?? Nothing);

    public static implicit operator RecordValue(bool flag) => new(null, flag ? 1 : 0);
}
