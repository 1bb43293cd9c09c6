using System.Buffers;
using System.Runtime.InteropServices;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Storage.Requests;
using CsCheck;

namespace Cencori.Edge.Tests.Records.Spool;

/// <summary>Records of older and newer edges, with missing and unknown members.</summary>
public sealed class SpoolMemberTests
{
    // A tag that no column has.
    private const int FirstUnknown = 10_000;

    [Fact]
    public void Known_members_are_read_in_any_order_among_missing_and_unknown_ones() =>
        Gen.Select(Some.AnyRecord, Gen.Bool.Array[RecordColumns.All.Count], Gen.Select(Gen.Int[0, 100], Gen.Long, Gen.String).Array[0, 5], Gen.Int).Sample(
            (record, isThere, unknown, seed) =>
            {
                var columns = RecordColumns.All.Where((_, index) => isThere[index]).ToArray();
                var members = columns.Select<RecordColumn, Action<FrameWriter>>(column => frame => Write(frame, column.Tag, column.IsText, column.Get(record)))
                    .Concat(unknown.Select<(int Tag, long Number, string Text), Action<FrameWriter>>(member => frame => Write(frame, FirstUnknown + member.Tag, member.Tag % 2 == 0, member.Tag % 2 == 0 ? member.Text : member.Number)))
                    .ToArray();
                new Random(seed).Shuffle(members);
                var expected = RequestRecord.Blank();
                Array.ForEach(columns, column => column.Set(expected, column.Get(record)));

                Assert.Equivalent(new PendingRecord(expected, 7, HasRow: true), Read(members), strict: true);
            },
            iter: 500);

    [Fact]
    public void A_member_of_another_type_is_ignored() =>
        Assert.Equivalent(
            new PendingRecord(RequestRecord.Blank(), 7, HasRow: true),
            Read(frame => frame.Text(TagOf(nameof(RequestRecord.Status)), "200"), frame => frame.Number(TagOf(nameof(RequestRecord.App)), 3)),
            strict: true);

    [Theory]
    [InlineData(nameof(RequestRecord.StartedAt), long.MaxValue, null)]
    [InlineData(nameof(RequestRecord.Attempts), 0L, "{")]
    public void An_invalid_value_makes_the_frame_unreadable(string member, long number, string? text)
    {
        ReadOnlySpan<byte> frame = Frame(frame => Write(frame, TagOf(member), text is not null, text is null ? number : text));
        Assert.False(SpoolFrame.TryRead(ref frame, out _));
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            var frame = new byte[SpoolFrame.HeadLength + bytes.Length];
            bytes.CopyTo(frame, SpoolFrame.HeadLength);
            SpoolFrame.Close(frame);
            ReadOnlySpan<byte> rest = frame;
            if (SpoolFrame.TryRead(ref rest, out var pending))
            {
                Assert.NotNull(pending.Record);
            }
        },
        iter: 5_000);

    private static int TagOf(string member) => RecordColumns.All.Single(column => column.Name == member).Tag;

    private static void Write(FrameWriter frame, int tag, bool isText, RecordValue value)
    {
        if (isText && value.Text is { } text)
        {
            frame.Text(tag, RecordText.Keep(text));
        }
        else if (!isText && value.OptionalNumber is { } number)
        {
            frame.Number(tag, number);
        }
    }

    private static PendingRecord Read(params Action<FrameWriter>[] members)
    {
        ReadOnlySpan<byte> frame = Frame(members);
        Assert.True(SpoolFrame.TryRead(ref frame, out var pending));
        Assert.True(frame.IsEmpty);
        return pending;
    }

    private static byte[] Frame(params Action<FrameWriter>[] members)
    {
        var target = new ArrayBufferWriter<byte>();
        target.Advance(target.GetSpan(SpoolFrame.HeadLength)[..SpoolFrame.HeadLength].Length);
        var writer = new FrameWriter(target);
        writer.Number(7);
        writer.Number(1);
        foreach (var member in members)
        {
            member(writer);
        }

        SpoolFrame.Close(MemoryMarshal.AsMemory(target.WrittenMemory).Span);
        return target.WrittenSpan.ToArray();
    }
}
