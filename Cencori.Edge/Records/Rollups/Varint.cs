namespace Cencori.Edge.Records.Rollups;

/// <summary>Encodes integers in a variable number of bytes: seven bits per byte, lowest first. The top bit means that more bytes follow.</summary>
internal static class Varint
{
    /// <summary>Length of the longest encoding, in bytes.</summary>
    public const int MaxLength = 10;

    /// <returns>Number of bytes written.</returns>
    public static int Write(Span<byte> target, ulong value)
    {
        var length = 0;
        while (value > 0x7F)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        return length;
    }

    /// <summary>Reads a number and removes it from <paramref name="source"/>.</summary>
    /// <exception cref="InvalidDataException">There is no complete number.</exception>
    public static ulong Read(ref ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        for (var index = 0; index < source.Length && index < MaxLength; index++)
        {
            value |= (ulong)(source[index] & 0x7F) << (7 * index);
            if (source[index] < 0x80)
            {
                source = source[(index + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("A number is cut off.");
    }
}
