using Cencori.Edge.Bodies.Buffers;

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
    public async Task A_Content_Length_above_the_limit_is_refused_without_a_read()
    {
        var source = new PiecewiseStream(Bytes(10), 10);

        Assert.Null(await PooledBody.ReadAsync(source, 101, 100, default));
        Assert.Equal(0, source.Position);
    }

    [Fact]
    public async Task A_large_Content_Length_allocates_no_more_than_64_KiB()
    {
        var source = new PiecewiseStream([], 1);

        using var body = await PooledBody.ReadAsync(source, 32 * 1024 * 1024, 32 * 1024 * 1024, default);

        Assert.InRange(source.LargestBuffer, 1, 64 * 1024);
    }

    [Fact]
    public async Task A_wrong_Content_Length_does_not_matter()
    {
        using var body = await PooledBody.ReadAsync(new PiecewiseStream(Bytes(500), 7), 3, 1_000, default);

        Assert.Equal(Bytes(500), body!.Span.ToArray());
    }

    [Fact]
    public async Task The_stream_returns_bytes_synchronously_and_completes_zero_byte_reads()
    {
        using var body = await ReadAsync(Bytes(1_000));
        var stream = Open(body);

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
    public async Task A_copy_continues_where_reading_stopped()
    {
        using var body = await ReadAsync(Bytes(1_000));
        var stream = Open(body);
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
        var stream = Open(body);
        body.Dispose();
        body.Dispose();

        Assert.Throws<ObjectDisposedException>(() => stream.Read(new byte[1]));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.ReadAtLeastAsync(new byte[1], 1).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.CopyToAsync(new MemoryStream()));
        Assert.Throws<ObjectDisposedException>(() => body.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => body.Borrow());
    }

    internal static async Task<PooledBody> ReadAsync(byte[] bytes) =>
        (await PooledBody.ReadAsync(new MemoryStream(bytes), bytes.Length, int.MaxValue, default))!;

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];

    private static PooledBodyStream Open(PooledBody body) => new(body, [], Stream.Null);
}
