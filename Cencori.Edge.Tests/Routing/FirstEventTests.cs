using System.Text;
using Cencori.Edge.Dialects;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Routing;

public sealed class FirstEventTests
{
    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "failed")]
    [InlineData("data: {\"error\":\"overloaded\"}\n\ndata: [DONE]\n\n", "failed")]
    [InlineData("data: {\"id\":\"1\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"error\":{}}\n\n", "failed")]
    [InlineData("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[]}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n", "failed")]
    [InlineData("data: [{\"error\":{\"code\":503,\"message\":\"overloaded\"}}]\n\n", "failed")]
    [InlineData("data: [DONE]\n\n", "failed")]
    [InlineData(": ping\r\n\r\ndata:{\"error\":{}}\r\n\r\n", "failed")]
    [InlineData("\uFEFFdata: {\"error\":{}}\n\n", "failed")]
    [InlineData("data: {\"error\":null,\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n", "content")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"error\"}}]}\n\n", "content")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n", "content")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]}}]}\n\n", "content")]
    [InlineData("event: content_block_start\ndata: {\"type\":\"content_block_start\"}\n\n", "content")]
    [InlineData("data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"x\"}\n\n", "content")]
    [InlineData("data: no JSON\n\n", "content")]
    [InlineData("data: [1]\n\n", "content")]
    [InlineData("data: []\n\n", "content")]
    [InlineData("data: [{\"choices\":[]}]\n\n", "content")]
    [InlineData(": ping\n\n: ping\n\n", "open")]
    [InlineData("data: {\"choices\":[]}\n\n", "open")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n", "open")]
    [InlineData("data: {\"error\":", "open")]
    [InlineData("", "open")]
    public void The_first_meaningful_event_decides_whatever_the_chunk_sizes(string text, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var size = 1; size <= bytes.Length + 1; size++)
        {
            var first = new FirstEvent();
            var events = new EventReader(first);
            foreach (var piece in bytes.Chunk(size))
            {
                events.Read(piece);
            }

            Assert.Equal(expected, first.HasContent ? "content" : first.HasFailed ? "failed" : "open");
            events.Release();
        }
    }

    [Fact]
    public async Task Peeked_bytes_are_read_again_completely_even_if_nothing_was_decided_in_time()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var pipe = new System.IO.Pipelines.Pipe();
        await pipe.Writer.WriteAsync(": comment\n\n"u8.ToArray());
        var opening = PeekedEvents.OpenAsync(pipe.Reader.AsStream(), timeout: null, clock, CancellationToken.None);
        await Eventually.IsTrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            return opening.IsCompleted;
        });
        var peeked = await opening;
        Assert.False(peeked.HasFailed);
        await pipe.Writer.WriteAsync("data: {\"error\":{}}\n\n"u8.ToArray());
        await pipe.Writer.CompleteAsync();
        using var text = new StreamReader(peeked);
        Assert.Equal(": comment\n\ndata: {\"error\":{}}\n\n", await text.ReadToEndAsync());
    }
}
