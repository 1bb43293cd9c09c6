using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Cencori.Edge.Records.Spool;

/// <summary>
/// Encodes one record for the spool as a frame: a marker (4 bytes), a version (1), the length (4), a checksum (4), then the record. The marker lets a reader
/// find the next frame after unreadable bytes. The checksum covers all bytes except the marker.
/// </summary>
/// <remarks>
/// A record with more or fewer members keeps the version; see <see cref="FrameRecord"/>. Only a layout that older edges cannot read gets a new version.
/// </remarks>
internal static class SpoolFrame
{
    public const byte Version = 1;

    /// <summary>Length of the longest valid frame, in bytes. Far longer than any record.</summary>
    public const int MaxLength = 64 * 1024;

    internal const int HeadLength = 13;
    private const int VersionAt = 4;
    private const int LengthAt = 5;
    private const int ChecksumAt = 9;

    // The marker of a frame. Its first byte, 0xFE, never occurs in UTF-8 text.
    private static ReadOnlySpan<byte> Mark => [0xFE, (byte)'r', (byte)'e', (byte)'c'];

    public static void Write(ArrayBufferWriter<byte> target, PendingRecord pending)
    {
        var start = target.WrittenCount;
        target.GetSpan(HeadLength);
        target.Advance(HeadLength);
        FrameRecord.Write(new FrameWriter(target), pending);
        Close(MemoryMarshal.AsMemory(target.WrittenMemory)[start..].Span);
    }

    /// <summary>Writes the header of a frame.</summary>
    /// <param name="frame">Space for the header, followed by the record.</param>
    /// <param name="version">Version of the layout.</param>
    internal static void Close(Span<byte> frame, byte version = Version)
    {
        Mark.CopyTo(frame);
        frame[VersionAt] = version;
        BinaryPrimitives.WriteInt32LittleEndian(frame[LengthAt..], frame.Length - HeadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumAt..], Checksum(frame));
    }

    /// <summary>Reads a record and removes it from <paramref name="source"/>. False: there is no readable record at the front.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> source, out PendingRecord pending)
    {
        pending = default;
        if (source.Length < HeadLength || !source.StartsWith(Mark) || source[VersionAt] != Version)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(source[LengthAt..]);
        if (length is not (> 0 and <= MaxLength - HeadLength) || source.Length - HeadLength < length)
        {
            return false;
        }

        var frame = source[..(HeadLength + length)];
        if (Checksum(frame) != BinaryPrimitives.ReadUInt32LittleEndian(frame[ChecksumAt..]))
        {
            return false;
        }

        try
        {
            pending = FrameRecord.Read(new FrameReader(frame[HeadLength..]));
        }
        catch (InvalidDataException)
        {
            return false;
        }

        source = source[frame.Length..];
        return true;
    }

    /// <summary>Finds the next readable record after the first byte of <paramref name="source"/>.</summary>
    /// <param name="source">Part of a spool.</param>
    /// <param name="isEnd">True: the spool ends here. False: the last bytes may be the start of an incomplete record.</param>
    /// <returns>Number of bytes that can be skipped, at least one.</returns>
    public static int FindNext(ReadOnlySpan<byte> source, bool isEnd)
    {
        var certain = isEnd ? source.Length : source.Length - MaxLength;
        var passed = 1;
        while (passed < certain)
        {
            var next = source[passed..certain].IndexOf(Mark[0]);
            if (next < 0)
            {
                break;
            }

            passed += next;
            var rest = source[passed..];
            if (TryRead(ref rest, out _))
            {
                return passed;
            }

            passed++;
        }

        return Math.Max(1, certain);
    }

    // The checksum of version, length and record.
    private static uint Checksum(ReadOnlySpan<byte> frame)
    {
        var checksum = Add(uint.MaxValue, frame[VersionAt..ChecksumAt]);
        return ~Add(checksum, frame[HeadLength..]);
    }

    private static uint Add(uint checksum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return checksum;
    }
}
