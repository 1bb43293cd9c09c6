namespace Cencori.Edge.Bodies.Splicing;

/// <summary>A change of bytes that is applied while a body is written. The body itself is not modified.</summary>
/// <param name="Range">The bytes to replace, counted in the original body without regard to other splices. Empty range: an insertion.</param>
/// <param name="Bytes">The replacement.</param>
public readonly record struct Splice(ByteRange Range, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Number of bytes by which <paramref name="splices"/> lengthen a body of <paramref name="length"/> bytes.</summary>
    /// <exception cref="ArgumentException">The splices are not sorted, overlap, or reach beyond the body.</exception>
    public static int GrowthOf(ReadOnlySpan<Splice> splices, int length)
    {
        var growth = 0;
        var end = 0;
        foreach (var (range, bytes) in splices)
        {
            if (range.Start < end || range.Length < 0 || range.End > length)
            {
                throw new ArgumentException($"The splice of {range} overlaps another, comes after a later one, or lies outside of the {length} bytes.", nameof(splices));
            }

            growth += bytes.Length - range.Length;
            end = range.End;
        }

        return growth;
    }
}
