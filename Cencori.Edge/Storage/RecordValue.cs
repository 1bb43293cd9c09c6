namespace Cencori.Edge.Storage;

/// <summary>What one column has of one record: a number or a text, either of which may be missing. Nothing is boxed for it.</summary>
public readonly struct RecordValue
{
    // No column has it: an hour before the age of the universe, or a debt.
    private const long Nothing = long.MinValue;

    private readonly long _number;

    private RecordValue(string? text, long number)
    {
        Text = text;
        _number = number;
    }

    public static RecordValue Missing { get; } = new(null, Nothing);

    public string? Text { get; }

    /// <summary>Of a column that is never null.</summary>
    public long Number => _number == Nothing ? 0 : _number;

    public long? OptionalNumber => _number == Nothing ? null : _number;

    public static implicit operator RecordValue(string? text) => new(text, Nothing);

    public static implicit operator RecordValue(long number) => new(null, number);

    public static implicit operator RecordValue(long? number) => new(null, number ?? Nothing);

    public static implicit operator RecordValue(bool flag) => new(null, flag ? 1 : 0);
}
