using Cencori.Edge.Bodies;

namespace Cencori.Edge.Tests.Bodies;

public class LargeBufferTests
{
    [Theory]
    [InlineData(65_537, 131_072)]
    [InlineData(131_073, 262_144)]
    [InlineData(1_048_576, 1_048_576)]
    [InlineData(1_048_577, 1_048_577)]
    public void Small_ones_have_sizes_that_fit_each_other_and_large_ones_what_was_asked_for(int asked, int size)
    {
        using var buffer = new Owned(asked);

        Assert.Equal(size, buffer.Buffer.GetSpan().Length);
        Assert.Equal(size, LargeBuffer.SizeOf(asked));
    }

    [Fact]
    public void What_is_in_a_buffer_stays_while_it_grows()
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
    public void A_disposed_buffer_is_used_no_more()
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
