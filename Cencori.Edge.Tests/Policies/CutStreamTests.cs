using System.Globalization;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Policies.Detectors;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Streams with forbidden content, cut into events and bytes at any place: the caller reads the masked text, complete and in order, and nothing of the findings.</summary>
public sealed class CutStreamTests(PolicyEdge at, ITestOutputHelper output) : IClassFixture<PolicyEdge>
{
    private static readonly int Streams = int.Parse(Environment.GetEnvironmentVariable("CENCORI_TEST_CUTS") ?? "1500", CultureInfo.InvariantCulture);

    private static readonly string[] Words = ["the", "answer", "is", "für", "каждый", "数字", "order 4711", "\"quoted\"", "a\\b", "line\n", "🦅", "x@y", "v1.2.3", "[link](https://example.com/a)", "0x1f", "- item", "{\"n\": 5}", "1,234.50"];

    private enum Form
    {
        Chat,
        Choices,
        Responses,
        Messages,
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Thousands of streams pass through the whole edge.")]
    public async Task No_finding_passes_wherever_a_stream_is_cut()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"{Streams} streams, seed {seed}.");
        var (_, key) = await at.CreateAsync("""{"name":"c","kind":"card","action":"mask","stage":"output"},{"name":"i","kind":"iban","action":"mask","stage":"output"},{"name":"w","kind":"words","words":["night heron"],"action":"mask","stage":"output"},{"name":"k","kind":"own_key","action":"mask","stage":"output"}""");
        for (var number = 0; number < Streams; number++)
        {
            var random = new Random(unchecked(seed + number));
            var form = (Form)random.Next(4);
            var (text, masked, values) = Text(random);
            var pieces = Cut(random, text);
            var bytes = Encoding.UTF8.GetBytes(Stream(form, pieces, text));
            var cuts = Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(bytes.Length)).Append(0).Append(bytes.Length).Distinct().Order().ToArray();
            at.Provider.Respond(async (_, response) =>
            {
                await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
                for (var i = 1; i < cuts.Length; i++)
                {
                    await response.SendChunkAsync(bytes.AsMemory(cuts[i - 1], cuts[i] - cuts[i - 1]));
                }

                await response.EndChunksAsync();
            });
            using var edgeResponse = await at.Edge.PostAsync(key, PathOf(form), """{"model":"gpt-4o","stream":true,"max_tokens":10,"messages":[{"role":"user","content":"x"}],"input":"x"}""");
            var stream = await edgeResponse.Content.ReadAsStringAsync();
            var where = $"Stream {number} of seed {seed}, {form}: {JsonSerializer.Serialize(pieces)}\n{stream}";
            Assert.All(values, value => Assert.False(stream.Contains(value, StringComparison.Ordinal), where));
            foreach (var read in Read(form, stream))
            {
                Assert.True(masked == read, $"{where}\nExpected: {masked}\nActual:   {read}");
            }
        }
    }

    private static (string Text, string Masked, List<string> Values) Text(Random random)
    {
        var (text, masked, values) = (new StringBuilder(), new StringBuilder(), new List<string>());
        for (var word = random.Next(1, 14); word >= 0; word--)
        {
            var (value, mask) = random.Next(6) switch
            {
                0 => (Made.Card(random), "[CARD]"),
                1 => (Made.Iban(random), "[IBAN]"),
                2 => ("night heron", "[REDACTED]"),
                3 => ("csk_" + Convert.ToHexStringLower(Enumerable.Range(0, 24).Select(_ => (byte)random.Next(256)).ToArray()), "[OWN_KEY]"),
                _ => (Words[random.Next(Words.Length)], null),
            };
            if (mask is not null)
            {
                values.Add(value);
            }

            text.Append(value).Append(" ; ");
            masked.Append(mask ?? value).Append(" ; ");
        }

        return (text.ToString(), masked.ToString(), values);
    }

    private static List<string> Cut(Random random, string text)
    {
        var pieces = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(text.Length - at, random.Next(5) == 0 ? random.Next(1, 40) : random.Next(1, 6));
            length += at + length < text.Length && char.IsLowSurrogate(text[at + length]) ? 1 : 0;
            pieces.Add(text.Substring(at, length));
            at += length;
        }

        return pieces;
    }

    private static string PathOf(Form form) => form switch
    {
        Form.Responses => "/v1/responses",
        Form.Messages => "/v1/messages",
        _ => "/v1/chat/completions",
    };

    private static string Stream(Form form, List<string> pieces, string text) => form switch
    {
        Form.Chat => string.Concat(pieces.Select(piece => PolicyEdge.ChunkOf(piece))) + PolicyEdge.EndOf(),
        Form.Choices => string.Concat(pieces.Select(piece => PolicyEdge.ChunkOf(piece) + PolicyEdge.ChunkOf(piece, 1))) + PolicyEdge.EndOf().Split("data: [DONE]")[0] + PolicyEdge.EndOf().Replace("\"index\":0", "\"index\":1", StringComparison.Ordinal),
        Form.Responses => string.Concat(pieces.Select(piece => Event("response.output_text.delta", $"\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"delta\":{Json(piece)}")))
            + Event("response.output_text.done", $"\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"text\":{Json(text)}")
            + Event("response.completed", $"\"response\":{{\"id\":\"r\",\"output\":[{{\"content\":[{{\"text\":{Json(text)}}}]}}],\"usage\":{{\"input_tokens\":1,\"output_tokens\":1,\"total_tokens\":2}}}}"),
        _ => string.Concat(pieces.Select(piece => Event("content_block_delta", $"\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":{Json(piece)}}}")))
            + Event("content_block_stop", "\"index\":0") + Event("message_delta", "\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}") + Event("message_stop", "\"x\":0"),
    };

    private static string Event(string type, string members) => $"event: {type}\ndata: {{\"type\":\"{type}\",{members}}}\n\n";

    private static string Json(string text) => JsonSerializer.Serialize(text);

    // The texts that a caller assembles from the stream.
    private static IEnumerable<string> Read(Form form, string stream)
    {
        var events = stream.Split("\n\n").SelectMany(text => text.Split('\n')).Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..])).ToList();
        switch (form)
        {
            case Form.Chat:
                yield return PolicyEdge.TextOf(stream);
                break;
            case Form.Choices:
                yield return PolicyEdge.TextOf(stream);
                yield return PolicyEdge.TextOf(stream, 1);
                break;
            case Form.Responses:
                yield return string.Concat(events.Where(data => data.GetProperty("type").GetString() == "response.output_text.delta").Select(data => data.GetProperty("delta").GetString()));
                yield return events.Single(data => data.GetProperty("type").GetString() == "response.output_text.done").GetProperty("text").GetString()!;
                yield return events[^1].GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!;
                break;
            default:
                yield return string.Concat(events.Where(data => data.GetProperty("type").GetString() == "content_block_delta").Select(data => data.GetProperty("delta").GetProperty("text").GetString()));
                break;
        }
    }
}
