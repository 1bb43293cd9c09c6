using System.Text;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Bodies;

namespace Cencori.Edge.Tests.Streams;

/// <summary>One read of a response stream collects all bytes that the provider's stream has available at once, and never waits for more.</summary>
public sealed class ResponseReadsTests : IDisposable
{
    private readonly TrickleStream _provider = new();

    [Fact]
    public async Task Bytes_that_are_available_at_once_are_handed_over_in_one_read()
    {
        await using var stream = Open(new PiecewiseStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data: 12\n\n", 10_000))), 2_700));
        var buffer = new byte[64 * 1024];

        Assert.InRange(await stream.ReadAsync(buffer), buffer.Length - (4 * 1024), buffer.Length);
    }

    [Fact]
    public async Task An_event_is_handed_over_without_waiting_for_the_next()
    {
        await using var stream = Open(_provider);
        var buffer = new byte[64 * 1024];
        for (var i = 0; i < 5; i++)
        {
            // YARP reads with an empty buffer first.
            var waiting = stream.ReadAsync(Memory<byte>.Empty);
            _provider.Deliver("data: 12\n\n"u8);
            Assert.Equal(0, await waiting);

            var reading = stream.ReadAsync(buffer);
            Assert.True(reading.IsCompleted);
            Assert.Equal(10, await reading);
        }
    }

    [Fact]
    public async Task A_read_waits_for_a_pending_read_with_an_empty_buffer()
    {
        await using var stream = Open(_provider);
        var buffer = new byte[64 * 1024];
        var first = stream.ReadAsync(buffer);
        _provider.Deliver("data: 1\n\n"u8);
        Assert.Equal(9, await first);
        Assert.True(_provider.IsRead);

        var second = stream.ReadAsync(buffer);
        Assert.False(second.IsCompleted);
        _provider.Deliver("data: 23\n\n"u8);

        Assert.Equal(10, await second);
    }

    [Fact]
    public async Task Bytes_before_a_break_are_handed_over_before_the_failure()
    {
        await using var stream = Open(_provider);
        var first = stream.ReadAsync(new byte[64 * 1024]);
        _provider.Deliver("data: 1\n\n"u8);
        _provider.Break();

        Assert.Equal(9, await first);
        await Assert.ThrowsAsync<IOException>(async () => Assert.NotEqual(0, await stream.ReadAsync(new byte[64])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pending_read_is_cancelled_before_the_connection_is_disposed(bool isEventStream)
    {
        var stream = Open(_provider, isEventStream);
        var reading = stream.ReadAsync(new byte[64 * 1024]);
        _provider.Deliver("data: 1\n\n"u8);
        await reading;
        Assert.True(_provider.IsRead);

        await stream.DisposeAsync();

        Assert.False(_provider.IsDisposedWhileRead);
    }

    [Fact]
    public async Task Nothing_is_read_after_the_announced_length()
    {
        await using var stream = Open(_provider, isEventStream: false, length: 9);
        var reading = stream.ReadAsync(new byte[64 * 1024]);
        _provider.Deliver("data: 1\n\n"u8);
        await reading;

        Assert.False(_provider.IsRead);
    }

    [Fact]
    public async Task A_stream_that_does_not_wait_on_an_empty_buffer_delays_one_event_at_most()
    {
        await using var inner = new HastyStream(_provider);
        await using var stream = Open(inner);
        var buffer = new byte[64 * 1024];
        var first = stream.ReadAsync(buffer);
        _provider.Deliver("1"u8);
        Assert.False(first.IsCompleted);
        _provider.Deliver("2"u8);
        Assert.Equal(2, await first);

        for (var i = 0; i < 3; i++)
        {
            var next = stream.ReadAsync(buffer);
            _provider.Deliver("3"u8);
            Assert.Equal(1, await next);
        }
    }

    public void Dispose() => _provider.Dispose();

    private static ResponseStream Open(Stream inner, bool isEventStream = true, long? length = null) =>
        new(inner, new CountingOwner(), [], isEventStream, length, isEventStream ? new IdleTimeout(TimeSpan.FromMinutes(1), TimeProvider.System) : null);

    private sealed class HastyStream(Stream inner) : ForwardOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            buffer.IsEmpty ? new(0) : inner.ReadAsync(buffer, cancellationToken);
    }
}
