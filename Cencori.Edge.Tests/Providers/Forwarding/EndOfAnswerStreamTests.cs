using System.Text;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Tests.Providers.Forwarding;

public class EndOfAnswerStreamTests
{
    [Fact]
    public async Task A_promised_length_ends_with_its_last_byte()
    {
        var ended = 0;
        await using var stream = new EndOfAnswerStream(Bytes("abcdef"), 6, isEventStream: false, SomeAttempt.That(() => ended++), TimeProvider.System);

        Assert.Equal(4, await stream.ReadAsync(new byte[4]));
        Assert.Equal(0, ended);
        Assert.Equal(2, await stream.ReadAsync(new byte[4]));
        Assert.Equal(1, ended);
    }

    [Fact]
    public async Task An_unknown_length_ends_where_the_answer_ends()
    {
        var ended = 0;
        await using var stream = new EndOfAnswerStream(Bytes("abc"), null, isEventStream: false, SomeAttempt.That(() => ended++), TimeProvider.System);

        Assert.Equal(3, await stream.ReadAsync(new byte[16]));
        Assert.Equal(0, ended);
        Assert.Equal(0, await stream.ReadAsync(new byte[16]));
        Assert.Equal(1, ended);
    }

    [Fact] // yarp trap 12
    public async Task A_read_into_no_room_is_not_the_end()
    {
        var ended = 0;
        await using var stream = new EndOfAnswerStream(Bytes("abc"), null, isEventStream: false, SomeAttempt.That(() => ended++), TimeProvider.System);

        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(0, ended);
    }

    [Theory]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: [DONE]\r\n\r\n")]
    [InlineData("data: {}\n\ndata: [DONE]\n")]
    public async Task An_event_stream_is_over_at_done_though_the_provider_keeps_the_connection(string text)
    {
        var ended = 0;
        await using var stream = new EndOfAnswerStream(Bytes(text), null, isEventStream: true, SomeAttempt.That(() => ended++), TimeProvider.System);

        Assert.NotEqual(0, await stream.ReadAsync(new byte[256]));

        Assert.Equal(1, ended);
    }

    [Fact]
    public async Task Text_that_speaks_of_done_ends_nothing()
    {
        var ended = 0;
        await using var stream = new EndOfAnswerStream(Bytes("""data: {"delta":"[DONE]"}""" + "\n\n"), null, isEventStream: true, SomeAttempt.That(() => ended++), TimeProvider.System);

        Assert.NotEqual(0, await stream.ReadAsync(new byte[256]));

        Assert.Equal(0, ended);
    }

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
