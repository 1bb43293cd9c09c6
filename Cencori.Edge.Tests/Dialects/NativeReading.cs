using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Dialects;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Metering;
using Cencori.Edge.Tests.Bodies;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>What a client of the native endpoint receives for a provider's response.</summary>
internal sealed record NativeReading(string Text, Exception? GivenUp)
{
    public static readonly NativeBill Bill = new(new TokenUsage(7, 0, 5, IsEstimated: false), 0.000125m, IsReported: true, IsSettled: true);

    /// <summary>The JSON of the events. Fails if a line is neither an event nor a comment.</summary>
    public IReadOnlyList<JsonNode> Events
    {
        get
        {
            Assert.DoesNotContain('\r', Text);
            Assert.True(Text.Length == 0 || Text.EndsWith("\n\n", StringComparison.Ordinal), Text);
            var lines = Text.Split('\n').Where(line => line.Length > 0 && line[0] != ':').ToList();
            Assert.All(lines, line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
            return [.. lines.Where(line => line != "data: [DONE]").Select(line => JsonNode.Parse(line["data: ".Length..])!)];
        }
    }

    public bool IsDone => Text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal);

    public static NativeReading Of(NativeShape shape, string response, bool isEventStream, long choices = 1, NativeBill? bill = null, int room = 64 * 1024, params int[] cuts) =>
        Of(shape, Encoding.UTF8.GetBytes(response), isEventStream, choices, bill, room, cuts);

    public static NativeReading Of(NativeShape shape, byte[] response, bool isEventStream, long choices = 1, NativeBill? bill = null, int room = 64 * 1024, params int[] cuts)
    {
        Exception? failure = null;
        var native = new NativeResponse(shape, "openai", "gpt-4o", choices, () => bill ?? Bill)
        {
            Sources = shape == NativeShape.Sources ? new("""[{"content":"a","metadata":{},"similarity":0.5}]"""u8.ToArray(), () => TimeSpan.FromMilliseconds(12)) : null,
        };
        using var stream = native.Open(new PiecewiseStream(response, cuts.Length == 0 ? [int.MaxValue] : cuts), isEventStream, given => failure = given);
        using var passed = new MemoryStream();
        var buffer = new byte[room];
        int read;
        while ((read = stream.ReadAsync(buffer).AsTask().GetAwaiter().GetResult()) > 0)
        {
            passed.Write(buffer, 0, read);
        }

        return new(Encoding.UTF8.GetString(passed.ToArray()), failure);
    }

    /// <summary>Reads an event stream of these data lines and the given end.</summary>
    public static NativeReading OfEvents(IEnumerable<string> data, string end = "data: [DONE]\n\n", long choices = 1, NativeBill? bill = null) =>
        Of(NativeShape.Chat, string.Concat(data.Select(one => $"data: {one}\n\n")) + end, isEventStream: true, choices, bill);
}
