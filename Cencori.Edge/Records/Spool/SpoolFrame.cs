using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Spool;

/// <summary>One record in the spool: length and checksum, four bytes each, and then its members.</summary>
internal static class SpoolFrame
{
    private const int HeadLength = 8;

    // No record comes near it: a length beyond it is not one.
    private const int MaxLength = 64 * 1024;

    public static void Write(ArrayBufferWriter<byte> target, PendingRecord pending)
    {
        var start = target.WrittenCount;
        target.GetSpan(HeadLength);
        target.Advance(HeadLength);
        WriteMembers(new FrameWriter(target), pending);
        var frame = MemoryMarshal.AsMemory(target.WrittenMemory)[start..].Span;
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - HeadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(frame[HeadLength..]));
    }

    /// <summary>Takes a record off the front of <paramref name="source"/>. False: there is no whole one.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> source, out PendingRecord pending)
    {
        pending = default;
        var length = source.Length < HeadLength ? 0 : BinaryPrimitives.ReadInt32LittleEndian(source);
        if (length is not (> 0 and <= MaxLength)
            || source.Length - HeadLength < length
            || Checksum(source.Slice(HeadLength, length)) != BinaryPrimitives.ReadUInt32LittleEndian(source[4..]))
        {
            return false;
        }

        pending = ReadMembers(new FrameReader(source.Slice(HeadLength, length)));
        source = source[(HeadLength + length)..];
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var value in bytes)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return ~checksum;
    }

    private static void WriteMembers(FrameWriter frame, PendingRecord pending)
    {
        var record = pending.Record;
        frame.Number(pending.Sequence);
        frame.Number((pending.HasRow ? 1 : 0) | (record.IsStream ? 2 : 0) | (record.IsEstimated ? 4 : 0) | ((int)record.Environment << 3) | ((int)record.Outcome << 8));
        frame.Number(record.StartedAt.ToUnixTimeMilliseconds());
        frame.Number(record.Status);
        frame.Number(record.PromptTokens);
        frame.Number(record.CachedTokens);
        frame.Number(record.CompletionTokens);
        frame.Number(record.CostUsd is { } usd ? Picodollars.FromUsd(usd) : -1);
        frame.Number(record.FirstByteMicroseconds ?? -1);
        frame.Number(record.DurationMicroseconds);
        frame.Number(record.EdgeMicroseconds);
        frame.Number(record.Retries);
        frame.Text(record.RequestId);
        frame.Text(record.ProjectId);
        frame.Text(record.KeyId);
        frame.Text(record.Door);
        frame.Text(record.ModelAsked);
        frame.Text(record.ModelServed);
        frame.Text(record.Provider);
        frame.Text(record.CredentialHint);
        frame.Text(record.ErrorCode);
        frame.Text(record.ClientAddress);
        frame.Text(record.App);
    }

    // Members are read in the order in which they stand here, which is the order in which they were written.
    private static PendingRecord ReadMembers(FrameReader frame)
    {
        var sequence = frame.Number();
        var flags = frame.Number();
        var record = new RequestRecord
        {
            IsStream = (flags & 2) != 0,
            IsEstimated = (flags & 4) != 0,
            Environment = (KeyEnvironment)((flags >> 3) & 1),
            Outcome = (RequestOutcome)(flags >> 8),
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(frame.Number()),
            Status = (int)frame.Number(),
            PromptTokens = frame.Number(),
            CachedTokens = frame.Number(),
            CompletionTokens = frame.Number(),
            CostUsd = frame.Number() is >= 0 and var cost ? Picodollars.ToUsd(cost) : null,
            FirstByteMicroseconds = frame.Number() is >= 0 and var firstByte ? firstByte : null,
            DurationMicroseconds = frame.Number(),
            EdgeMicroseconds = frame.Number(),
            Retries = (int)frame.Number(),
            RequestId = frame.Text() ?? "",
            ProjectId = frame.Text() ?? "",
            KeyId = frame.Text() ?? "",
            Door = frame.Text() ?? "",
            ModelAsked = frame.Text(),
            ModelServed = frame.Text(),
            Provider = frame.Text(),
            CredentialHint = frame.Text(),
            ErrorCode = frame.Text(),
            ClientAddress = frame.Text(),
            App = frame.Text(),
        };
        return new(record, sequence, HasRow: (flags & 1) != 0);
    }
}
