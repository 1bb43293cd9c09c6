using System.Runtime.InteropServices;

namespace Cencori.Edge.Records;

/// <summary>
/// A fast hash that reads only the start and the end of a text, where ids and model names differ. A caller could choose texts with equal hashes. So use it
/// only for tables that are looked up for every record and whose size is limited.
/// </summary>
internal static class TextHash
{
    // Number of characters that fit into a long.
    private const int Part = sizeof(long) / sizeof(char);

    public static int Of(string text)
    {
        var ends = text.Length < Part
            ? text.Length == 0 ? 0 : (text[0] << 16) | text[^1]
            : MemoryMarshal.Read<long>(MemoryMarshal.AsBytes(text.AsSpan())) ^ (MemoryMarshal.Read<long>(MemoryMarshal.AsBytes(text.AsSpan(text.Length - Part))) * -7046029254386353131);
        return HashCode.Combine(text.Length, ends);
    }
}
