namespace Cencori.Edge.Dialects.ChatChunks;

internal static class Ranges
{
    /// <summary>True when the range is empty. Both ends of the range must be counted from the start, not with <c>^</c>.</summary>
    public static bool IsEmpty(this Range range) => range.Start.Value >= range.End.Value;
}
