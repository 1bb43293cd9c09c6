using System.IO.Compression;
using System.Text;
using Cencori.Edge.Metering;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using CsCheck;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>
/// Responses in encodings and types that the edge did not ask for: their usage counts, and the usage event that only the edge asked for does not reach
/// the caller.
/// </summary>
public sealed class EncodedResponseTests(MeteredEdge scene) : IClassFixture<MeteredEdge>
{
    private static readonly string[] Encodings = ["", "gzip", "GZIP", "x-gzip", "br", "deflate", "raw deflate", "identity", "gzip, br", "identity, deflate"];

    private static readonly string?[] ContentTypes =
    [
        "text/event-stream", "text/event-stream; charset=utf-8", "TEXT/Event-Stream", "text/plain", "application/octet-stream", "application/json", "application/x-ndjson", null,
    ];

    [Fact]
    public async Task Providers_are_asked_for_identity()
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 12, 5)));
        using var edgeResponse = await scene.ChatAsync(headers: ("Accept-Encoding", "gzip, br"));
        Assert.Equal(["identity"], scene.Provider.Requests[^1].Values("Accept-Encoding"));
    }

    [Fact]
    public Task The_usage_of_a_response_counts_in_any_encoding_and_content_type() => Gen
        .Select(Gen.Bool, Gen.OneOfConst(Encodings), Gen.OneOfConst(ContentTypes), Gen.Int[1, 400], Gen.OneOfConst("", "\n", ": hello\n\n", "\uFEFF"))
        .SampleAsync(async (isStream, encoding, type, cut, before) =>
        {
            var text = isStream
                ? before + string.Concat(ScriptedProvider.ChatChunks("gpt-4o", ["one ", "two"], (12, 5)).Append("[DONE]").Select(data => $"data: {data}\n\n"))
                : ScriptedProvider.ChatCompletion("gpt-4o", "one two", 12, 5);
            scene.Provider.Enqueue((_, response) => SendAsync(response, Encode(Encoding.UTF8.GetBytes(text), encoding), type ?? "", encoding, cut));

            var id = Guid.NewGuid().ToString("N");
            using var edgeResponse = await scene.ChatAsync(body: isStream ? ScriptedEdge.StreamedChat : ScriptedEdge.Chat, headers: ("X-Request-Id", id));
            var (usage, hasError) = await scene.MeteredAsync(id);
            var seen = await edgeResponse.Content.ReadAsStringAsync();

            Assert.Equal((new TokenUsage(12, 0, 5, IsEstimated: false), false), (usage, hasError));
            Assert.Empty(edgeResponse.Content.Headers.ContentEncoding);
            Assert.Equal(isStream, !seen.Contains("\"usage\":{", StringComparison.Ordinal));
            Assert.Contains("two", seen, StringComparison.Ordinal);
        }, iter: 150, threads: 1);

    [Fact]
    public async Task An_unknown_encoding_passes_if_nothing_must_be_removed_from_the_body()
    {
        scene.Provider.Enqueue((_, response) => SendAsync(response, "?"u8.ToArray(), "application/json", "x-mine", 10));
        using var edgeResponse = await scene.ChatAsync();
        Assert.Equal("x-mine", Assert.Single(edgeResponse.Content.Headers.ContentEncoding));
        Assert.Equal("?", await edgeResponse.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_unknown_encoding_gives_502_if_the_usage_event_must_be_removed()
    {
        scene.Provider.Enqueue((_, response) => SendAsync(response, "?"u8.ToArray(), "text/event-stream", "x-mine", 10));
        var id = Guid.NewGuid().ToString("N");
        using var edgeResponse = await scene.ChatAsync(body: ScriptedEdge.StreamedChat, headers: ("X-Request-Id", id));
        Assert.Equal("PROVIDER_ERROR", (await edgeResponse.ErrorAsync()).Code);
        Assert.True((await scene.MeteredAsync(id)).Usage is { IsEstimated: true, CompletionTokens: > 0 });
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_response_that_does_not_match_its_encoding_gives_502_and_counts_as_the_reservation(string encoding)
    {
        scene.Provider.Enqueue((_, response) => SendAsync(response, Encoding.UTF8.GetBytes(ScriptedProvider.ChatCompletion("gpt-4o", "hi", 12, 5)), "application/json", encoding, 1_000));
        var id = Guid.NewGuid().ToString("N");
        using var edgeResponse = await scene.ChatAsync(headers: ("X-Request-Id", id));
        Assert.Equal("PROVIDER_ERROR", (await edgeResponse.ErrorAsync()).Code);
        Assert.True((await scene.MeteredAsync(id)).Usage is { IsEstimated: true, CompletionTokens: > 0 });
    }

    private static async Task SendAsync(ScriptedResponse response, byte[] body, string type, string encoding, int cut)
    {
        var encodings = encoding.Length == 0 ? Array.Empty<(string, string)>() : [("Content-Encoding", encoding.Replace("raw ", "", StringComparison.Ordinal))];
        await response.SendHeadAsync(200, [.. type.Length == 0 ? Array.Empty<(string, string)>() : [("Content-Type", type)], .. encodings, ("Content-Length", $"{body.Length}")]);
        foreach (var piece in body.Chunk(cut))
        {
            await response.SendAsync(piece);
        }
    }

    private static byte[] Encode(byte[] bytes, string encodings)
    {
        foreach (var encoding in encodings.ToLowerInvariant().Split(", "))
        {
            var packed = new MemoryStream();
            Stream? packer = encoding switch
            {
                "gzip" or "x-gzip" => new GZipStream(packed, CompressionLevel.Fastest),
                "br" => new BrotliStream(packed, CompressionLevel.Fastest),
                "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
                "raw deflate" => new DeflateStream(packed, CompressionLevel.Fastest),
                _ => null,
            };
            if (packer is not null)
            {
                using (packer)
                {
                    packer.Write(bytes);
                }

                bytes = packed.ToArray();
            }
        }

        return bytes;
    }
}
