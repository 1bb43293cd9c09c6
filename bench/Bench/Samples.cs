using System.Globalization;

namespace Cencori.Edge.Bench;

/// <summary>Samples of one figure from several turns.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => MedianOf(_values);

    public double Least => _values.Count == 0 ? double.NaN : _values.Min();

    public double Most => _values.Count == 0 ? double.NaN : _values.Max();

    public void Add(double value) => _values.Add(value);

    /// <summary>
    /// Compares each turn's value with that of <paramref name="baseline"/> in the same turn, using <paramref name="compare"/>. So a machine whose speed
    /// drifts affects both values alike.
    /// </summary>
    public Samples UsageComparison(Samples baseline, Func<double, double, double> compare)
    {
        var samples = new Samples();
        samples._values.AddRange(_values.Zip(baseline._values, compare));
        return samples;
    }

    /// <summary>The median, with minimum and maximum when there are several samples.</summary>
    public string Show(string format)
    {
        string One(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return Count switch
        {
            0 => "",
            1 => One(Median),
            _ => $"{One(Median)} ({One(Least)} – {One(Most)})",
        };
    }

    /// <summary>By nearest rank; NaN without values.</summary>
    public static double Percentile(double[] values, double percent)
    {
        if (values.Length == 0)
        {
            return double.NaN;
        }

        Array.Sort(values);
        return values[Math.Clamp((int)Math.Ceiling(values.Length * percent / 100) - 1, 0, values.Length - 1)];
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
