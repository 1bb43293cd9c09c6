using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;

namespace Cencori.Edge.Providers.Sandbox.Media;

/// <summary>A checkerboard in two colours: as large as was asked for, and some hundred bytes all the same.</summary>
internal static class PngImage
{
    private const int Squares = 8;
    private const uint Polynomial = 0xEDB88320;

    // Of a closed list of sizes; only the colours differ from one image to the next.
    private static readonly ConcurrentDictionary<(int Width, int Height), byte[]> Pixels = new();

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <param name="width">One of few: what is made for a size is kept.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="colours">Six bytes: red, green and blue of the one and of the other.</param>
    public static byte[] Checkerboard(int width, int height, ReadOnlySpan<byte> colours)
    {
        var file = new MemoryStream(1_024);
        file.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 1; // bits of a pixel
        header[9] = 3; // which are places in the palette
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "PLTE"u8, colours);
        WriteChunk(file, "IDAT"u8, Pixels.GetOrAdd((width, height), static size => Draw(size.Width, size.Height)));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Draw(int width, int height)
    {
        // Every line begins with the number of its filter: none.
        var line = new byte[1 + ((width + 7) / 8)];
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                Array.Clear(line);
                for (var x = 0; x < width; x++)
                {
                    var isOther = ((x * Squares / width) + (y * Squares / height)) % 2;
                    line[1 + (x / 8)] |= (byte)(isOther << (7 - (x % 8)));
                }

                zlib.Write(line);
            }
        }

        return packed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Checksum(Checksum(uint.MaxValue, type), data));
        file.Write(number);
    }

    private static uint Checksum(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * Polynomial);
            }
        }

        return sum;
    }
}
