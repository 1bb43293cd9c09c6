namespace Cencori.Edge.Records.Rollups;

/// <summary>Whole numbers in as few bytes as they need: seven bits each, the lowest first, the top bit saying that more follow.</summary>
internal static class Varint
{
    /// <summary>The most that one number takes, in bytes.</summary>
    public const int MaxLength = 10;

    /// <returns>How many bytes were written.</returns>
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

    /// <summary>Takes a number off the front of <paramref name="source"/>.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
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
