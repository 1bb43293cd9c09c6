namespace Cencori.Edge.Bench;

/// <summary>Samples by subject and column, in order of their first occurrence.</summary>
internal sealed class Figures
{
    private readonly OrderedDictionary<string, OrderedDictionary<Column, Samples>> _rows = [];

    public IEnumerable<string> Subjects => _rows.Keys;

    public IEnumerable<Column> Columns => _rows.Values.SelectMany(row => row.Keys).Distinct();

    public void Add(string subject, Column column, double value)
    {
        var row = _rows.TryGetValue(subject, out var found) ? found : _rows[subject] = [];
        var samples = row.TryGetValue(column, out var taken) ? taken : row[column] = new();
        samples.Add(value);
    }

    public Samples? Find(string subject, Column column) => _rows.TryGetValue(subject, out var row) && row.TryGetValue(column, out var samples) ? samples : null;

    public double Median(string subject, Column column) => Find(subject, column)?.Median ?? double.NaN;

    /// <summary>The ratio to the baseline of the same turns.</summary>
    public Samples Ratios(string subject, string baseline, Column column) => UsageComparison(subject, baseline, column, (one, other) => one / other);

    /// <summary>The difference from the baseline of the same turns.</summary>
    public Samples Added(string subject, string baseline, Column column) => UsageComparison(subject, baseline, column, (one, other) => one - other);

    private Samples UsageComparison(string subject, string baseline, Column column, Func<double, double, double> compare) =>
        Find(subject, column) is { } samples && Find(baseline, column) is { } others ? samples.UsageComparison(others, compare) : new();
}

/// <summary>One figure of the tables.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Its unit; empty when the name contains it.</param>
/// <param name="Format">The number format.</param>
/// <param name="HasRatio">True: also shown as a ratio to the baseline.</param>
internal sealed record Column(string Name, string Unit = "", string Format = "N0", bool HasRatio = false)
{
    public string Title => Unit.Length == 0 ? Name : $"{Name}, {Unit}";

    public static Column Cpu { get; } = new("CPU/request", "µs", "0.0", HasRatio: true);

    public static Column Rate { get; } = new("requests/s", HasRatio: true);

    public static Column P50 { get; } = new("p50", "ms", "0.000", HasRatio: true);

    public static Column P99 { get; } = new("p99", "ms", "0.00", HasRatio: true);

    public static Column P999 { get; } = new("p99.9", "ms", "0.00");

    public static Column Allocated { get; } = new("allocated/request", "B", HasRatio: true);

    public static Column RoundTrips { get; } = new("Redis round trips/request", "", "0.000");

    public static Column FirstByteP50 { get; } = new("first byte p50", "ms", "0.00");

    public static Column FirstByteP99 { get; } = new("first byte p99", "ms", "0.00");

    public static Column WayP50 { get; } = new("chunk p50", "ms", "0.000");

    public static Column WayP99 { get; } = new("chunk p99", "ms", "0.00");

    public static Column Resident { get; } = new("resident/stream", "KiB", "0.0");

    public static Column Heap { get; } = new("live heap/stream", "KiB", "0.0");

    public static Column Start { get; } = new("to the first answer", "s", "0.00", HasRatio: true);
}
