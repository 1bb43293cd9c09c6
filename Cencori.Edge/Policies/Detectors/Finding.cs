namespace Cencori.Edge.Policies.Detectors;

/// <summary>Where something was found in a text, in characters.</summary>
public readonly record struct Finding(int Start, int Length)
{
    public int End => Start + Length;
}
