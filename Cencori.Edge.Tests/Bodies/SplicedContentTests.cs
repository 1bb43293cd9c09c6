using System.Buffers;
using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Splicing;
using CsCheck;

namespace Cencori.Edge.Tests.Bodies;

public class SplicedContentTests
{
    // A part that stays, a part that is removed, and its replacement.
    private static readonly Gen<(byte[] Kept, byte[] Omitted, byte[] Inserted)[]> SomeParts =
        Gen.Select(SomeBytes(), SomeBytes(), SomeBytes()).Array[0, 6];

    [Theory]
    [InlineData(0, 0, "xy", "xyabcdef")]
    [InlineData(2, 2, "x", "abxef")]
    [InlineData(2, 2, "xyz", "abxyzef")]
    [InlineData(6, 0, "x", "abcdefx")]
    [InlineData(0, 6, "", "")]
    public async Task A_range_is_replaced(int start, int length, string bytes, string expected)
    {
        using var body = await PooledBodyTests.ReadAsync("abcdef"u8.ToArray());
        using var content = new SplicedContent(body, [Splice(start, length, bytes)]);

        Assert.Equal(expected, await content.ReadAsStringAsync());
        Assert.Equal(expected.Length, content.Headers.ContentLength);
        Assert.Equal("abcdef"u8, body.Span);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(5, 2)]
    [InlineData(7, 0)]
    public async Task A_range_outside_the_body_is_refused(int start, int length)
    {
        using var body = await PooledBodyTests.ReadAsync("abcdef"u8.ToArray());

        Assert.Throws<ArgumentException>(() => new SplicedContent(body, [Splice(start, length, "")]));
    }

    [Theory]
    [InlineData(3, 1, 1, 1)]
    [InlineData(1, 3, 3, 1)]
    [InlineData(1, 1, 1, 0)]
    public async Task Splices_that_overlap_or_are_not_sorted_are_refused(int start, int length, int nextStart, int nextLength)
    {
        using var body = await PooledBodyTests.ReadAsync("abcdef"u8.ToArray());

        Assert.Throws<ArgumentException>(() => new SplicedContent(body, [Splice(start, length, "x"), Splice(nextStart, nextLength, "y")]));
    }

    [Fact]
    public async Task Splices_may_touch_and_keep_their_order()
    {
        using var body = await PooledBodyTests.ReadAsync("abcdef"u8.ToArray());
        using var content = new SplicedContent(body, [Splice(2, 0, "1"), Splice(2, 0, "2"), Splice(2, 1, "3"), Splice(3, 1, "4"), Splice(4, 0, "5")]);

        Assert.Equal("ab12345ef", await content.ReadAsStringAsync());
    }

    [Fact]
    public void Any_body_with_any_splices_equals_a_changed_copy_at_every_write() => SomeParts.Sample(parts =>
    {
        var original = Whole(parts.SelectMany(part => new[] { part.Kept, part.Omitted }));
        var expected = Whole(parts.SelectMany(part => new[] { part.Kept, part.Inserted }));
        using var body = PooledBodyTests.ReadAsync(original).GetAwaiter().GetResult();
        using var content = new SplicedContent(body, Splices(parts));

        Assert.Equal(expected.Length, content.Headers.ContentLength);
        Assert.Equal(expected, Whole(Written(content)));
        Assert.Equal(expected, Whole(Written(content)));
        Assert.All(Written(content).SkipLast(1), write => Assert.Equal(SplicedContent.PieceBytes, write.Length));
    }, iter: 300);

    [Fact]
    public void A_body_read_as_a_stream_in_any_pieces_equals_a_changed_copy() => Gen.Select(SomeParts, Gen.Int[1, 100_000]).Sample((parts, size) =>
    {
        var original = Whole(parts.SelectMany(part => new[] { part.Kept, part.Omitted }));
        var expected = Whole([.. parts.SelectMany(part => new[] { part.Kept, part.Inserted }), "the rest"u8.ToArray()]);
        using var body = PooledBodyTests.ReadAsync(original).GetAwaiter().GetResult();
        var all = new MemoryStream();

        new PooledBodyStream(body, Splices(parts), new MemoryStream([.. "the rest"u8])).CopyToAsync(all, size).GetAwaiter().GetResult();

        Assert.Equal(expected, all.ToArray());
    }, iter: 300);

    [Theory]
    [InlineData(100)]
    [InlineData(SplicedContent.PieceBytes - 3)]
    public async Task A_body_that_fits_one_write_is_one_write(int length)
    {
        using var body = await PooledBodyTests.ReadAsync(new byte[length]);
        using var content = new SplicedContent(body, [Splice(10, 5, "model"), Splice(50, 0, "abc")]);

        Assert.Single(Written(content));
        Assert.Null(content.Progress);
    }

    [Fact]
    public async Task A_body_can_be_written_several_times_concurrently()
    {
        var original = Bytes(300_000);
        using var body = await PooledBodyTests.ReadAsync(original);
        using var content = new SplicedContent(body, [Splice(1, 1, "xyz"), Splice(200_000, 0, "abc")]);
        byte[] expected = [original[0], .. "xyz"u8, .. original[2..200_000], .. "abc"u8, .. original[200_000..]];
        var slow = new HeldStream();

        var writing = content.CopyToAsync(slow);
        var others = Enumerable.Range(0, 8).Select(_ => Task.Run(() => Whole(Written(content)))).ToArray();
        await Task.WhenAll(others);
        slow.Release.SetResult();
        await writing;

        Assert.All(others, other => Assert.Equal(expected, other.Result));
        Assert.Equal(expected, slow.ToArray());
    }

    [Fact]
    public async Task A_disposed_body_is_not_written_again()
    {
        var body = await PooledBodyTests.ReadAsync(Bytes(100));
        using var content = new SplicedContent(body, [Splice(1, 1, "x")]);
        await content.CopyToAsync(new MemoryStream());
        body.Dispose();

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(new MemoryStream()));
        Assert.IsType<ObjectDisposedException>(failure.GetBaseException());
    }

    [Fact]
    public async Task A_body_disposed_during_a_write_returns_its_array_afterwards_and_the_next_piece_fails()
    {
        var bytes = Bytes(300_000);
        var body = await PooledBodyTests.ReadAsync(bytes);
        using var content = new SplicedContent(body, []);
        var destination = new HeldStream();
        var writing = content.CopyToAsync(destination);

        body.Dispose();
        var recycled = ArrayPool<byte>.Shared.Rent(300_000);
        recycled.AsSpan().Clear();
        destination.Release.SetResult();

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => writing);
        Assert.IsType<ObjectDisposedException>(failure.GetBaseException());
        Assert.Equal(bytes[..SplicedContent.PieceBytes], destination.ToArray());
        ArrayPool<byte>.Shared.Return(recycled);
    }

    [Fact]
    public async Task A_piece_accepted_after_a_wait_reports_one_byte_of_progress_and_End_ends_the_stream()
    {
        using var body = await PooledBodyTests.ReadAsync(Bytes(3 * SplicedContent.PieceBytes));
        using var content = new SplicedContent(body, []);
        var progress = content.Progress!;
        var slow = new HeldStream();

        var writing = content.CopyToAsync(slow);
        var waiting = progress.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(waiting.IsCompleted);

        slow.Release.SetResult();
        await writing;
        Assert.Equal(0, await waiting);
        Assert.Equal(1, await progress.ReadAsync(new byte[10]));

        // The other two pieces were accepted at once, so they report no progress.
        waiting = progress.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(waiting.IsCompleted);
        progress.End();
        Assert.Equal(0, await waiting);
        Assert.Equal(0, await progress.ReadAsync(new byte[10]));
    }

    private static Gen<byte[]> SomeBytes() => Gen.OneOf(Gen.Byte.Array[0, 5], Gen.Byte.Array[0, 5], Gen.Int[0, 150_000].Select(Bytes));

    private static Splice Splice(int start, int length, string bytes) => new(new(start, length), Encoding.UTF8.GetBytes(bytes));

    private static Splice[] Splices((byte[] Kept, byte[] Omitted, byte[] Inserted)[] parts)
    {
        var position = 0;
        return
        [
            .. parts.Select(part =>
            {
                var range = new ByteRange(position + part.Kept.Length, part.Omitted.Length);
                position = range.End;
                return new Splice(range, part.Inserted);
            }),
        ];
    }

    private static List<byte[]> Written(SplicedContent content)
    {
        var destination = new RecordingStream();
        content.CopyToAsync(destination).GetAwaiter().GetResult();
        return destination.Writes;
    }

    private static byte[] Whole(IEnumerable<byte[]> parts)
    {
        var whole = new MemoryStream();
        foreach (var part in parts)
        {
            whole.Write(part);
        }

        return whole.ToArray();
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];

    private sealed class RecordingStream : MemoryStream
    {
        public List<byte[]> Writes { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.ToArray());
            return default;
        }
    }

    /// <summary>Holds the bytes unread until released, like a slow network.</summary>
    private sealed class HeldStream : MemoryStream
    {
        public TaskCompletionSource Release { get; } = new();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Release.Task;
            Write(buffer.Span);
        }
    }
}
