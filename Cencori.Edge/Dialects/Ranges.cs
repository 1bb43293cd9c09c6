namespace Cencori.Edge.Dialects;

internal static class Ranges
{
    /// <summary>True when the range is empty. Both ends must count from the start.</summary>
    public static bool IsEmpty(this Range range) => range.Start.Value >= range.End.Value;
}
