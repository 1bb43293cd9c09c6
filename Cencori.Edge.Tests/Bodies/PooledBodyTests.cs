using System.Text;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Tests.Bodies;

public class PooledBodyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public async Task A_body_that_arrives_byte_by_byte_is_read_whole(int length)
    {
        var bytes = Bytes(length);

        using var known = await PooledBody.ReadAsync(new PiecewiseStream(bytes, 1), length, 100_000, default);
        using var unknown = await PooledBody.ReadAsync(new PiecewiseStream(bytes, 1), null, 100_000, default);

        Assert.Equal(bytes, known!.Span.ToArray());
        Assert.Equal(bytes, unknown!.Span.ToArray());
    }

    [Theory]
    [InlineData(100, 100, true)]
    [InlineData(101, 100, false)]
    [InlineData(100_000, 100_000, true)]
    [InlineData(100_001, 100_000, false)]
    public async Task A_body_may_be_as_long_as_the_bound_and_no_longer(int length, int maxBytes, bool accepted)
    {
        using var body = await PooledBody.ReadAsync(new PiecewiseStream(Bytes(length), 997), null, maxBytes, default);

        Assert.Equal(accepted, body is not null);
    }

    [Fact]
    public async Task A_promise_beyond_the_bound_is_refused_unread()
    {
        var source = new PiecewiseStream(Bytes(10), 10);

        Assert.Null(await PooledBody.ReadAsync(source, 101, 100, default));
        Assert.Equal(0, source.Position);
    }

    [Fact]
    public async Task A_large_promise_costs_no_more_than_64_KiB()
    {
        var source = new PiecewiseStream([], 1);

        using var body = await PooledBody.ReadAsync(source, 32 * 1024 * 1024, 32 * 1024 * 1024, default);

        Assert.InRange(source.LargestBuffer, 1, 64 * 1024);
    }

    [Fact]
    public async Task A_wrong_promise_does_not_matter()
    {
        using var body = await PooledBody.ReadAsync(new PiecewiseStream(Bytes(500), 7), 3, 1_000, default);

        Assert.Equal(Bytes(500), body!.Span.ToArray());
    }

    [Fact]
    public async Task The_stream_gives_the_bytes_synchronously_and_answers_reads_of_nothing()
    {
        using var body = await ReadAsync(Bytes(1_000));
        var stream = body.OpenStream();

        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        var buffer = new byte[600];
        var first = stream.ReadAsync(buffer);
        Assert.True(first.IsCompletedSuccessfully);
        Assert.Equal(600, await first);
        Assert.Equal(Bytes(1_000)[..600], buffer);
        Assert.Equal(400, await stream.ReadAsync(buffer));
        Assert.Equal(Bytes(1_000)[600..], buffer[..400]);
        Assert.Equal(0, await stream.ReadAsync(buffer));
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
    }

    [Fact]
    public async Task Copying_goes_on_where_reading_stopped()
    {
        using var body = await ReadAsync(Bytes(1_000));
        var stream = body.OpenStream();
        stream.ReadExactly(new byte[10]);
        var copy = new MemoryStream();

        await stream.CopyToAsync(copy);

        Assert.Equal(Bytes(1_000)[10..], copy.ToArray());
        Assert.Equal(0, stream.Read(new byte[10]));
    }

    [Fact]
    public async Task A_disposed_body_fails_its_readers()
    {
        var body = await ReadAsync(Bytes(100));
        var stream = body.OpenStream();
        body.Dispose();
        body.Dispose();

        Assert.Throws<ObjectDisposedException>(() => stream.Read(new byte[1]));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.ReadAtLeastAsync(new byte[1], 1).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.CopyToAsync(new MemoryStream()));
        Assert.Throws<ObjectDisposedException>(() => body.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => body.Replace(new(0, 0), [1]));
    }

    [Fact]
    public async Task An_array_that_is_being_copied_goes_back_only_afterwards()
    {
        var bytes = Bytes(300_000);
        var body = await ReadAsync(bytes);
        var destination = new HeldStream();
        var copying = body.OpenStream().CopyToAsync(destination);

        body.Dispose();
        var recycled = System.Buffers.ArrayPool<byte>.Shared.Rent(300_000);
        recycled.AsSpan().Clear();
        destination.Release.SetResult();
        await copying;

        Assert.Equal(bytes, destination.Written);
        System.Buffers.ArrayPool<byte>.Shared.Return(recycled);
    }

    [Fact]
    public async Task A_body_cannot_be_rewritten_while_it_is_being_copied()
    {
        using var body = await ReadAsync(Bytes(100));
        var destination = new HeldStream();
        var copying = body.OpenStream().CopyToAsync(destination);

        Assert.Throws<InvalidOperationException>(() => body.Replace(new(0, 1), []));

        destination.Release.SetResult();
        await copying;
        body.Replace(new(0, 1), []);
        Assert.Equal(Bytes(100)[1..], body.Span.ToArray());
    }

    [Theory]
    [InlineData(0, 0, "xy", "xyabcdef")]
    [InlineData(2, 2, "x", "abxef")]
    [InlineData(2, 2, "xyz", "abxyzef")]
    [InlineData(6, 0, "x", "abcdefx")]
    [InlineData(0, 6, "", "")]
    public async Task A_range_is_replaced_in_place(int start, int length, string bytes, string expected)
    {
        using var body = await ReadAsync("abcdef"u8.ToArray());

        body.Replace(new(start, length), Encoding.UTF8.GetBytes(bytes));

        Assert.Equal(expected, Encoding.UTF8.GetString(body.Span));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(5, 2)]
    public async Task A_range_outside_the_body_is_refused(int start, int length)
    {
        using var body = await ReadAsync("abcdef"u8.ToArray());

        Assert.Throws<ArgumentOutOfRangeException>(() => body.Replace(new(start, length), []));
    }

    internal static async Task<PooledBody> ReadAsync(byte[] bytes) =>
        (await PooledBody.ReadAsync(new MemoryStream(bytes), bytes.Length, int.MaxValue, default))!;

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];

    /// <summary>Keeps what it is given unread until released, as a slow network would.</summary>
    private sealed class HeldStream : MemoryStream
    {
        public TaskCompletionSource Release { get; } = new();

        public byte[]? Written { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Release.Task;
            Written = buffer.ToArray();
        }
    }
}
