using System.Text;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Bodies;

namespace Cencori.Edge.Tests.Streams;

public class ResponseEndTests
{
    private static readonly ProviderDefinition Provider = new("openai", CredentialScheme.Bearer, "/v1", [], TimeSpan.FromMinutes(10), NeedsBaseUrl: false);

    [Fact]
    public async Task A_response_with_a_length_ends_with_its_last_byte()
    {
        var ended = 0;
        await using var stream = Read(Bytes("abcdef"), 6, isEventStream: false, () => ended++);

        Assert.Equal(4, await stream.ReadAsync(new byte[4]));
        Assert.Equal(0, ended);
        Assert.Equal(2, await stream.ReadAsync(new byte[4]));
        Assert.Equal(1, ended);
    }

    [Fact]
    public async Task A_response_of_unknown_length_ends_at_the_end_of_the_body()
    {
        var ended = 0;
        await using var stream = Read(Bytes("abc"), null, isEventStream: false, () => ended++);

        Assert.Equal(3, await stream.ReadAsync(new byte[16]));
        Assert.Equal(0, ended);
        Assert.Equal(0, await stream.ReadAsync(new byte[16]));
        Assert.Equal(1, ended);
    }

    [Fact] // yarp trap 12
    public async Task A_read_with_an_empty_buffer_is_not_the_end()
    {
        var ended = 0;
        await using var stream = Read(Bytes("abc"), null, isEventStream: false, () => ended++);

        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(0, ended);
    }

    [Theory]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: [DONE]\r\n\r\n")]
    [InlineData("data: {}\n\ndata: [DONE]\n")]
    public async Task An_event_stream_ends_at_DONE_even_if_the_provider_keeps_the_connection_open(string text)
    {
        var ended = 0;
        await using var stream = Read(Bytes(text), null, isEventStream: true, () => ended++);

        Assert.NotEqual(0, await stream.ReadAsync(new byte[256]));

        Assert.Equal(1, ended);
    }

    [Fact]
    public async Task The_text_DONE_inside_an_event_does_not_end_the_stream()
    {
        var ended = 0;
        await using var stream = Read(Bytes("""data: {"delta":"[DONE]"}""" + "\n\n"), null, isEventStream: true, () => ended++);

        Assert.NotEqual(0, await stream.ReadAsync(new byte[256]));

        Assert.Equal(0, ended);
    }

    [Fact]
    public async Task DONE_is_found_wherever_it_is_cut_and_reported_once_before_the_client_has_it()
    {
        const string Text = "data: {}\n\ndata: [DONE]\r\n\r\n";
        for (var cut = 1; cut < Text.Length; cut++)
        {
            var ended = 0;
            await using var stream = Read(new PiecewiseStream(Encoding.UTF8.GetBytes(Text), cut), null, isEventStream: true, () => ended++);
            var (passed, buffer, read) = ("", new byte[64], 0);
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                passed += Encoding.UTF8.GetString(buffer, 0, read);
                Assert.Equal(passed.Contains("[DONE]", StringComparison.Ordinal) ? 1 : 0, ended);
            }

            Assert.Equal((Text, 1), (passed, ended));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    public async Task DONE_is_found_at_the_end_of_an_event_that_is_too_large_to_be_kept(int cut)
    {
        var ended = 0;
        var text = Encoding.UTF8.GetBytes(": " + new string('x', 20_000) + "\ndata: [DONE]\n\n");
        await using var stream = Read(new PiecewiseStream(text, cut), null, isEventStream: true, () => ended++);

        var passed = 0;
        while (passed < text.Length)
        {
            passed += await stream.ReadAsync(new byte[64 * 1024]);
        }

        Assert.Equal(1, ended);
    }

    private static ResponseStream Read(Stream inner, long? length, bool isEventStream, Action ended) =>
        SomeAttempt.Open(SomeAttempt.At(Provider, ended), inner, isEventStream, length, TimeProvider.System);

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
