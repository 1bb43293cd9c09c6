namespace Cencori.Edge.Bodies;

/// <summary>A run of bytes inside a body, counted from the body's first byte.</summary>
public readonly record struct ByteRange(int Start, int Length)
{
    /// <summary>The offset just after the last byte.</summary>
    public int End => Start + Length;
}
