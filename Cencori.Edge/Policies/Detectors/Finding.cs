namespace Cencori.Edge.Policies.Detectors;

/// <summary>A range of a text where a detector found something, in characters.</summary>
public readonly record struct Finding(int Start, int Length)
{
    public int End => Start + Length;
}
