namespace Cencori.Edge.Dialects;

internal static class Ranges
{
    /// <summary>True where it has nothing in it. Both its ends count from the beginning.</summary>
    public static bool IsEmpty(this Range range) => range.Start.Value >= range.End.Value;
}
