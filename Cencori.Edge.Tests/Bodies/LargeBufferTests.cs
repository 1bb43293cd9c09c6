using Cencori.Edge.Bodies.Buffers;

namespace Cencori.Edge.Tests.Bodies;

public class LargeBufferTests
{
    [Theory]
    [InlineData(65_537, 131_072)]
    [InlineData(131_073, 262_144)]
    [InlineData(1_048_576, 1_048_576)]
    [InlineData(1_048_577, 1_048_577)]
    public void Small_buffers_have_power_of_two_sizes_and_large_buffers_the_requested_size(int requested, int size)
    {
        using var buffer = new Owned(requested);

        Assert.Equal(size, buffer.Buffer.GetSpan().Length);
        Assert.Equal(size, LargeBuffer.SizeOf(requested));
    }

    [Fact]
    public void The_content_of_a_buffer_is_kept_when_it_grows()
    {
        using var buffer = new Owned(100_000);
        for (var size = 100_000; size < 9_000_000; size *= 2)
        {
            var before = buffer.Buffer.GetSpan().Length;
            buffer.Buffer.GetSpan().Fill((byte)size);
            buffer.Buffer.Grow(size * 2);
            Assert.Equal(-1, buffer.Buffer.GetSpan()[..before].IndexOfAnyExcept((byte)size));
        }
    }

    [Fact]
    public void A_disposed_buffer_cannot_be_used()
    {
        var buffer = new LargeBuffer(100_000);
        var memory = buffer.Memory;
        ((IDisposable)buffer).Dispose();
        ((IDisposable)buffer).Dispose();

        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
    }

    private sealed class Owned(int size) : IDisposable
    {
        public LargeBuffer Buffer { get; } = new(size);

        public void Dispose() => ((IDisposable)Buffer).Dispose();
    }
}
