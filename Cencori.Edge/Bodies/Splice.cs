namespace Cencori.Edge.Bodies;

/// <summary>A change of a body's bytes, made while they are written: the body itself stays as it came.</summary>
/// <param name="Range">What is left out, counted in the body as it came, whatever other splices there are. Of no length: nothing.</param>
/// <param name="Bytes">What stands there instead.</param>
public readonly record struct Splice(ByteRange Range, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>By how many bytes <paramref name="splices"/> together make a body of <paramref name="length"/> bytes longer.</summary>
    /// <exception cref="ArgumentException">They are not sorted, overlap, or reach beyond the body.</exception>
    public static int GrowthOf(ReadOnlySpan<Splice> splices, int length)
    {
        var growth = 0;
        var end = 0;
        foreach (var (range, bytes) in splices)
        {
            if (range.Start < end || range.Length < 0 || range.End > length)
            {
                throw new ArgumentException($"The splice of {range} overlaps another, stands behind a later one, or lies outside of the {length} bytes.", nameof(splices));
            }

            growth += bytes.Length - range.Length;
            end = range.End;
        }

        return growth;
    }
}
