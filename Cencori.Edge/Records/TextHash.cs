using System.Runtime.InteropServices;

namespace Cencori.Edge.Records;

/// <summary>
/// A hash of a text from its ends alone, in which ids and names of models differ. It is for tables that are asked for every record and
/// that are bounded where a caller could fill them with texts of one hash.
/// </summary>
internal static class TextHash
{
    // In characters: what one number holds.
    private const int Part = sizeof(long) / sizeof(char);

    public static int Of(string text)
    {
        var ends = text.Length < Part
            ? text.Length == 0 ? 0 : (text[0] << 16) | text[^1]
            : MemoryMarshal.Read<long>(MemoryMarshal.AsBytes(text.AsSpan())) ^ (MemoryMarshal.Read<long>(MemoryMarshal.AsBytes(text.AsSpan(text.Length - Part))) * -7046029254386353131);
        return HashCode.Combine(text.Length, ends);
    }
}
