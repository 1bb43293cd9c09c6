using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;

namespace Cencori.Edge.Providers.Sandbox.Media;

/// <summary>Creates a checkerboard in two colours as a PNG file. A file has only some hundred bytes, in any size.</summary>
internal static class PngImage
{
    private const int Squares = 8;
    private const uint Polynomial = 0xEDB88320;

    // Sizes come from a closed list, so this cache is bounded. Only the colours differ between images.
    private static readonly ConcurrentDictionary<(int Width, int Height), byte[]> Pixels = new();

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <param name="width">One of a few sizes: the pixels of each size are cached.</param>
    /// <param name="height">As for the width.</param>
    /// <param name="colours">Six bytes: red, green and blue of each of the two colours.</param>
    public static byte[] Checkerboard(int width, int height, ReadOnlySpan<byte> colours)
    {
        var file = new MemoryStream(1_024);
        file.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 1; // bits per pixel
        header[9] = 3; // each pixel is an index into the palette
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "PLTE"u8, colours);
        WriteChunk(file, "IDAT"u8, Pixels.GetOrAdd((width, height), static size => Draw(size.Width, size.Height)));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Draw(int width, int height)
    {
        // Each line begins with its filter type: 0 means none.
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
