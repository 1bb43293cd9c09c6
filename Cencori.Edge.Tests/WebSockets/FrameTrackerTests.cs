using System.Buffers.Binary;
using Cencori.Edge.WebSockets;
using CsCheck;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>Finds the ends of frames of any kind, cut anywhere.</summary>
public sealed class FrameTrackerTests
{
    private static readonly Gen<byte[]> Frame = Gen.Select(
        Gen.OneOf(Gen.Byte[0x00, 0x07], Gen.Byte[0x80, 0x87], Gen.Byte[0xC1, 0xC2], Gen.Byte[0x89, 0x8A]), Gen.Bool, Gen.OneOf(Gen.Int[0, 200], Gen.Int[65_530, 65_600]), Gen.Bool, Build);

    [Fact]
    public void The_ends_of_frames_are_found_wherever_the_bytes_are_cut() => Gen.Select(Frame.Array[0, 5], Gen.Int[1, 100_000]).Sample((frames, piece) =>
    {
        var walk = new FrameTracker();
        foreach (var frame in frames)
        {
            for (var at = 0; at < frame.Length; at += piece)
            {
                var end = Math.Min(at + piece, frame.Length);
                walk.Pass(frame.AsSpan(at, end - at));
                Assert.Equal(end == frame.Length, walk.IsBetweenFrames);
            }
        }

        Assert.False(walk.HasClosed);
    });

    [Fact]
    public void Finish_stops_at_the_end_of_the_current_frame() => Gen.Select(Frame, Frame, Gen.Int[0, 70_000]).Sample((first, second, at) =>
    {
        at = Math.Min(at, first.Length);
        var walk = new FrameTracker();
        walk.Pass(first.AsSpan(0, at));

        var rest = walk.Finish([.. first.AsSpan(at), .. second]);

        Assert.Equal(at == 0 ? 0 : first.Length - at, rest);
        Assert.True(walk.IsBetweenFrames);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_close_frame_is_seen_after_other_frames(bool isMasked)
    {
        var walk = new FrameTracker();
        walk.Pass([.. Build(0x81, isMasked, 300, false), .. Build(0x88, isMasked, 2, false)]);

        Assert.True(walk is { HasClosed: true, IsBetweenFrames: true });
    }

    [Fact]
    public void A_length_above_the_maximum_never_ends()
    {
        var walk = new FrameTracker();
        walk.Pass([0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]);

        Assert.False(walk.IsBetweenFrames);
        Assert.Equal(5, walk.Finish(new byte[5]));
    }

    // A length may use more bytes than necessary.
    private static byte[] Build(byte first, bool isMasked, int length, bool isLong)
    {
        var mask = isMasked ? 0x80 : 0;
        Span<byte> head = stackalloc byte[10];
        head[0] = first;
        var size = 2;
        if (length <= 125 && !isLong)
        {
            head[1] = (byte)(mask | length);
        }
        else if (length <= ushort.MaxValue && !isLong)
        {
            head[1] = (byte)(mask | 126);
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)length);
            size += 2;
        }
        else
        {
            head[1] = (byte)(mask | 127);
            BinaryPrimitives.WriteInt64BigEndian(head[2..], length);
            size += 8;
        }

        return [.. head[..size], .. new byte[isMasked ? 4 : 0], .. Enumerable.Repeat((byte)0x88, length)];
    }
}
