using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Cencori.Edge.Records.Spool;

/// <summary>
/// One record in the spool: a mark by which it can be found, the version, length and checksum, four bytes each but the version's one,
/// and then the record. The checksum holds for all but the mark.
/// </summary>
/// <remarks>
/// A record that has more members, or less, is no other version: see <see cref="FrameRecord"/>. Another one would be what could not be
/// read that way.
/// </remarks>
internal static class SpoolFrame
{
    public const byte Version = 1;

    /// <summary>No record comes near it: a frame that says it were longer is none.</summary>
    public const int MaxLength = 64 * 1024;

    internal const int HeadLength = 13;
    private const int VersionAt = 4;
    private const int LengthAt = 5;
    private const int ChecksumAt = 9;

    // The first byte is in no text in UTF-8.
    private static ReadOnlySpan<byte> Mark => [0xFE, (byte)'r', (byte)'e', (byte)'c'];

    public static void Write(ArrayBufferWriter<byte> target, PendingRecord pending)
    {
        var start = target.WrittenCount;
        target.GetSpan(HeadLength);
        target.Advance(HeadLength);
        FrameRecord.Write(new FrameWriter(target), pending);
        Close(MemoryMarshal.AsMemory(target.WrittenMemory)[start..].Span);
    }

    /// <summary>Fills in the head.</summary>
    /// <param name="frame">Room for a head, and the record.</param>
    /// <param name="version">How the record is written.</param>
    internal static void Close(Span<byte> frame, byte version = Version)
    {
        Mark.CopyTo(frame);
        frame[VersionAt] = version;
        BinaryPrimitives.WriteInt32LittleEndian(frame[LengthAt..], frame.Length - HeadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumAt..], Checksum(frame));
    }

    /// <summary>Takes a record off the front of <paramref name="source"/>. False: there is none that can be read.</summary>
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

    /// <summary>Where behind its beginning the next record that can be read begins.</summary>
    /// <param name="source">Some of a spool.</param>
    /// <param name="isEnd">The spool ends with it; else the last of it may be the beginning of a record.</param>
    /// <returns>How many bytes before it can be passed over; at least one.</returns>
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

    // Of the version, the length and the record.
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
