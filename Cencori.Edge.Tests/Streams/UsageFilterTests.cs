using System.Text;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Bodies;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;

namespace Cencori.Edge.Tests.Streams;

public sealed class UsageFilterTests
{
    private const string Usage = """{"id":"x","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}""";

    private static readonly Gen<string> End = Gen.OneOfConst("\n", "\r\n", "\r");

    private static readonly Gen<(string Text, bool Stays)> Event = Gen.OneOf(
        Gen.OneOfConst(Usage, """{"usage" : {"total_tokens":1}, "choices" : [ ]}""").Select(data => ($"data: {data}", false)),
        Gen.Const(("id: 7\ndata: {\"choices\":\ndata: [],\"usage\":\ndata:{}}", false)),
        Gen.OneOfConst(
            """data: {"choices":[{"delta":{"content":"\"choices\":[],\"usage\":{}"}}],"usage":{"prompt_tokens":3}}""",
            """data: {"choices":[],"usage":null}""",
            """data: {"choices":[],"prompt_filter_results":[{}]}""",
            """data: {"x":{"choices":[],"usage":{}},"choices":[{}],"usage":{}}""",
            """data: {"x":{"choices":[],"usage":{}}}""",
            """data: {"choices":[],"usage":{""",
            "data: [DONE]",
            ": \"choices\":[],\"usage\":{}",
            "",
            "event: x").Select(text => (text, true)));

    [Fact]
    public void Everything_except_the_usage_event_passes_byte_for_byte() => Gen.Select(Gen.Select(Event, End).Array[0, 8], Gen.Int[1, 60].Array[1, 8], Gen.Int[1, 300]).Sample((events, cuts, room) =>
    {
        static string Spell((string Text, bool Stays) one, string end) => one.Text.Replace("\n", end, StringComparison.Ordinal) + end + (one.Text.Length == 0 ? "" : end);
        var all = string.Concat(events.Select(one => Spell(one.Item1, one.Item2)));
        var expected = string.Concat(events.Where(one => one.Item1.Stays).Select(one => Spell(one.Item1, one.Item2)));

        // A CR that ends one event and an LF that is the next one would together be a single line end.
        if (!events.Zip(events.Skip(1)).Any(pair => pair.First.Item2 == "\r" && pair.Second is ({ Text: "" }, "\n")))
        {
            Assert.Equal(expected, Filter(all, room, cuts));
        }
    });

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Every_cut_into_two_pieces_gives_the_same_result(string end)
    {
        var before = $": hi{end}{end}data: {{\"choices\":[{{}}]}}{end}{end}";
        var after = $"data: [DONE]{end}{end}";
        var all = $"{before}data: {Usage}{end}{end}{after}";
        for (var at = 1; at < all.Length; at++)
        {
            Assert.Equal(before + after, Filter(all, 4_096, at, all.Length));
        }
    }

    [Fact]
    public async Task A_complete_event_passes_at_once()
    {
        using var provider = new TrickleStream();
        await using var stream = Filtered(provider);
        var buffer = new byte[1_024];

        var reading = stream.ReadAsync(buffer);
        provider.Deliver("data: 1\n\ndata: 2\r\n\r\nda"u8);

        // The provider sends no further byte.
        var read = await reading.AsTask().WaitAsync(Eventually.Timeout, TimeProvider.System);
        Assert.Equal("data: 1\n\ndata: 2\r\n\r\n", Encoding.UTF8.GetString(buffer, 0, read));
    }

    [Fact]
    public async Task The_beginning_of_a_large_event_passes_before_its_end()
    {
        using var provider = new TrickleStream();
        await using var stream = Filtered(provider);
        var buffer = new byte[64 * 1_024];

        var reading = stream.ReadAsync(buffer);
        provider.Deliver(Encoding.UTF8.GetBytes("data: " + new string('x', 10_000)));
        Assert.False(reading.IsCompleted);
        provider.Deliver(Encoding.UTF8.GetBytes(new string('y', 10_000)));

        Assert.Equal(20_006, await reading);
    }

    [Fact]
    public async Task The_beginning_of_an_event_that_breaks_off_does_not_pass()
    {
        using var provider = new TrickleStream();
        await using var stream = Filtered(provider);
        var buffer = new byte[1_024];
        var reading = stream.ReadAsync(buffer);
        provider.Deliver("data: 1\n\ndata: {\"choices\":[],\"us"u8);
        Assert.Equal(9, await reading);

        var breaking = stream.ReadAsync(buffer);
        provider.Break();

        await Assert.ThrowsAsync<IOException>(async () => await breaking);
    }

    [Fact]
    public async Task A_read_with_an_empty_buffer_only_waits()
    {
        await using var stream = Filtered(new MemoryStream("data: 1\n\n"u8.ToArray()));

        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(9, await stream.ReadAsync(new byte[64]));
    }

    private static ResponseStream Filtered(Stream inner) => new(inner, new CountingOwner(), [new UsageFilter()], isEventStream: true, length: null, idleTimeout: null);

    private static string Filter(string stream, int room, params int[] cuts)
    {
        using var filter = Filtered(new PiecewiseStream(Encoding.UTF8.GetBytes(stream), cuts));
        using var passed = new MemoryStream();
        var buffer = new byte[room];
        int read;
        while ((read = filter.ReadAsync(buffer).AsTask().GetAwaiter().GetResult()) > 0)
        {
            passed.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(passed.ToArray());
    }
}
