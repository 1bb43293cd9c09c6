using Cencori.Edge.Bodies.Buffers;

namespace Cencori.Edge.Tests.Bodies;

public class BufferShareTests
{
    [Fact]
    public void Bytes_beyond_the_limit_of_a_share_or_its_parent_are_refused_and_nothing_is_taken()
    {
        var whole = new BufferShare("The edge", 100);
        var (one, other) = (new BufferShare("One", 80, whole), new BufferShare("Other", 80, whole));

        one.Take(60);
        var ofShare = Assert.Throws<OverloadedException>(() => one.Take(21));
        var ofWhole = Assert.Throws<OverloadedException>(() => other.Take(41));
        other.Take(40);

        Assert.StartsWith("One ", ofShare.Message, StringComparison.Ordinal);
        Assert.StartsWith("The edge ", ofWhole.Message, StringComparison.Ordinal);
        Assert.Equal((60, 40, 100), (one.Held, other.Held, whole.Held));

        one.Release(60);
        other.Release(40);
        Assert.Equal((0, 0, 0), (one.Held, other.Held, whole.Held));
    }

    [Theory]
    [InlineData(0, 4_096)]
    [InlineData(70_000, 131_072)]
    [InlineData(5_000_000, 5_000_001)]
    public async Task A_body_takes_the_memory_it_needs_and_returns_all_of_it(int length, int taken)
    {
        var share = new BufferShare("One", long.MaxValue);

        var body = await PooledBody.ReadAsync(new MemoryStream(new byte[length]), length == 0 ? null : length, 10_000_000, default, share);
        var held = share.Held;
        var loan = body!.Borrow();
        body.Dispose();

        Assert.Equal((length, taken, taken), (loan.Length, held, share.Held));
        body.EndBorrow();
        Assert.Equal(0, share.Held);
    }

    [Theory]
    [InlineData(1_000_000, 900_000, 100_000)]
    [InlineData(1_000_000, 100_000, 900_000)]
    public async Task A_body_that_is_not_read_to_its_end_returns_all_of_its_memory(int length, int maxBytes, int room)
    {
        var share = new BufferShare("One", room);

        var reading = PooledBody.ReadAsync(new MemoryStream(new byte[length]), null, maxBytes, default, share).AsTask();
        if (room < maxBytes)
        {
            await Assert.ThrowsAsync<OverloadedException>(() => reading);
        }
        else
        {
            Assert.Null(await reading);
        }

        Assert.Equal(0, share.Held);
    }
}
