using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Headers with bytes that providers do not accept.</summary>
public sealed class HeaderBytesTests(RespondingEdge at) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Refused =
    [
        "Accept", "Content-Type", "Content-Disposition", "Range", "OpenAI-Beta", "anthropic-version", "anthropic-beta", "Idempotency-Key",
        "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions",
    ];

    private static readonly string[] LeftOut = ["User-Agent", "Cookie", "X-Whatever", "X-Request-Id", "X-Cencori-App", "Accept-Encoding", "TE", "x-api-version"];

    // UTF-8, Latin-1, invalid bytes, and control characters, except those that end a header or that the server rejects.
    private static readonly Gen<byte[]> Odd = Gen.Select(
        Gen.OneOf(Gen.Byte[0x80, 0xFF], Gen.Byte[0x01, 0x08], Gen.Byte[0x0E, 0x1F], Gen.Const((byte)0x7F)).Array[1, 3], Gen.Int[0, 3],
        (odd, at) => (byte[])[.. "abc"u8[..at], .. odd, .. "abc"u8[at..]]);

    [Fact]
    public Task A_forwarded_header_with_such_bytes_gives_400_and_any_other_header_is_dropped() => Gen.Select(Gen.OneOfConst([.. Refused, .. LeftOut]), Odd)
        .SampleAsync(async (name, value) =>
        {
            var (before, requests) = (at.Edge.Logs.Lines.Count, at.Provider.Requests.Count);
            var response = await SendAsync(name, value);

            if (Refused.Contains(name))
            {
                Assert.Equal((400, "INVALID_REQUEST"), (response.Status, response.ErrorCode));
                Assert.Contains($"\"param\":\"{name}\"", response.Body, StringComparison.Ordinal);
                Assert.Equal(requests, at.Provider.Requests.Count);
            }
            else
            {
                Assert.Equal(200, response.Status);
                Assert.DoesNotContain(at.Provider.Requests[^1].HeadText, letter => letter is not ('\r' or '\n') && letter is < ' ' or > '~');
            }

            Assert.Empty(at.Edge.Logs.Faults(before));
        }, iter: 80, threads: 1);

    [Theory]
    [InlineData("User-Agent", "a\tb")]
    [InlineData("OpenAI-Beta", "assistants=v2; x=\"~ !\"")]
    public async Task Valid_header_characters_pass(string name, string value)
    {
        var response = await SendAsync(name, Encoding.ASCII.GetBytes(value));

        Assert.Equal(200, response.Status);
        Assert.Equal([value], at.Provider.Requests[^1].Values(name));
    }

    private async Task<RawResponse> SendAsync(string name, byte[] value)
    {
        using var client = await RawClient.ConnectAsync(at.Edge);
        var isType = name == "Content-Type";
        await client.SendAsync((byte[])[
            .. Encoding.ASCII.GetBytes($"POST {(isType ? "/v1/files" : "/v1/chat/completions")} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {at.Key}\r\n{(isType ? "" : "Content-Type: application/json\r\n")}{name}: "),
            .. value,
            .. Encoding.ASCII.GetBytes($"\r\nContent-Length: {ScriptedEdge.Chat.Length}\r\n\r\n{ScriptedEdge.Chat}")]);
        return await client.ReadResponseAsync();
    }
}
