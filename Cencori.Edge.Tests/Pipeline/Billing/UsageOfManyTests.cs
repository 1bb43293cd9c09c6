using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Cencori.Edge.Metering;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>
/// A thousand streams, each cut at random bytes. The client abandons half of them at a random point.
/// </summary>
/// <remarks>
/// If the provider sent usage, the expected usage is that usage. If the client disconnected first, the expected output is the tokens of the text in the
/// complete events sent by then. The expected input is the tokens of the message, plus 4 for the message and 3 for the reply, as in OpenAI's chat format.
/// The provider sends nothing more until it sees the disconnect, so no other bytes count as sent.
/// </remarks>
public sealed partial class UsageOfManyTests(MeteredEdge scene) : IClassFixture<MeteredEdge>
{
    private const int Streams = 1_000;
    private const int AtOnce = 16;

    private static readonly string Prose = string.Concat(Enumerable.Repeat(
        "The lighthouse keeper counted 17 ships before noon, and wrote each name down twice. \"Why twice?\" asked the child; nobody had an answer. "
        + "Später am Abend kam der Nebel, und mit ihm die Stille. 灯台の光は遠くまで届く。 if (x > 0) { return x * 2; } 🙂 And so the day ended, quietly, as days do. ", 12));

    [Fact]
    [Trait(SlowestTests.Trait, "Sends hundreds of complete requests.")]
    public async Task The_recorded_usage_matches_the_providers_count() // field traps 3, 10, 11 and 14
    {
        await scene.Edge.SetBudgetAsync(scene.ProjectId);
        var plans = Enumerable.Range(0, Streams).Select(index => new Plan(index)).ToArray();
        scene.Provider.Respond((request, response) => SendAsync(plans[int.Parse(Seed().Match(request.BodyText).Groups[1].Value, CultureInfo.InvariantCulture)], response));

        await Parallel.ForEachAsync(plans, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (plan, _) => await ReadAsync(plan));

        var recorded = new TokenUsage[Streams];
        foreach (var plan in plans)
        {
            recorded[plan.Index] = (await scene.MeteredAsync(plan.RequestId)).Usage;
        }

        foreach (var plan in plans.Where(plan => !plan.IsLeft))
        {
            Assert.Equal(new TokenUsage(plan.PromptTokens, 0, plan.CompletionTokens, IsEstimated: false), recorded[plan.Index]);
        }

        var left = plans.Where(plan => plan.IsLeft).ToArray();
        Assert.All(left, plan => Assert.True(recorded[plan.Index].IsEstimated));
        AssertNear(left.Sum(plan => plan.CompletionTokens), left.Sum(plan => recorded[plan.Index].CompletionTokens));
        AssertNear(left.Sum(plan => plan.PromptTokens + plan.CompletionTokens), left.Sum(plan => recorded[plan.Index].TotalTokens));
        var sheet = await scene.Edge.AssertLedgerClosesAsync(scene.ProjectId);
        Assert.Equal($"{recorded.Sum(usage => (long)usage.CompletionTokens)}", sheet.Number("project", "records", "output_tokens"));
    }

    private static void AssertNear(long counted, long recorded) => Assert.InRange(recorded, 0.95 * counted, 1.05 * counted);

    private static async Task SendAsync(Plan plan, ScriptedResponse response)
    {
        await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        foreach (var piece in plan.Pieces)
        {
            await response.SendChunkAsync(piece);
        }

        await (plan.IsLeft ? response.WaitForAbortAsync() : response.EndChunksAsync());
    }

    private async Task ReadAsync(Plan plan)
    {
        using var response = await scene.Edge.PostAsync(scene.Key, "/v1/chat/completions", plan.Request, ("X-Request-Id", plan.RequestId));
        await using var body = await response.Content.ReadAsStreamAsync();
        if (plan.IsLeft)
        {
            await body.ReadExactlyAsync(new byte[plan.BytesOfWholeEvents]);
            return;
        }

        using var received = new MemoryStream();
        await body.CopyToAsync(received);
        Assert.Equal(plan.Visible, Encoding.UTF8.GetString(received.ToArray()));
    }

    [GeneratedRegex("""seed":(\d+)""")]
    private static partial Regex Seed();

    /// <summary>One stream: the request, the bytes sent, and the provider's count.</summary>
    private sealed class Plan
    {
        public Plan(int index)
        {
            Index = index;
            IsLeft = index % 2 == 1;
            var random = new Random(index);
            var question = Excerpt(random, 100, 800);
            var asks = random.Next(2) == 0;
            Request = System.Text.Json.JsonSerializer.Serialize(new
            {
                model = "gpt-4o",
                seed = index,
                stream = true,
                stream_options = asks ? new { include_usage = true } : null,
                messages = new[] { new { role = "user", content = question } },
            });

            var contents = TextTokens.Split(Excerpt(random, 200, 1_000));
            (PromptTokens, CompletionTokens) = (random.Next(1, 10_000), random.Next(1, 10_000));
            var end = random.Next(3) switch { 0 => "\n", 1 => "\r\n", _ => "\r" };
            var events = ScriptedProvider.ChatChunks("gpt-4o", contents, (PromptTokens, CompletionTokens)).Append("[DONE]").Select(data => $"data: {data}{end}{end}").ToArray();
            var bytes = Encoding.UTF8.GetBytes(string.Concat(events));
            Visible = string.Concat(asks ? events : events.Where(one => !one.Contains("\"choices\":[]", StringComparison.Ordinal)));
            if (IsLeft)
            {
                // The client disconnects after the first text, because before it nothing can be counted, and before the usage event.
                // The events are: role, contents, finish, usage, done.
                var sizes = events.Select(Encoding.UTF8.GetByteCount).ToArray();
                bytes = bytes[..random.Next(sizes[..2].Sum(), sizes[..^2].Sum())];
                var whole = 0;
                while (BytesOfWholeEvents + sizes[whole] <= bytes.Length)
                {
                    BytesOfWholeEvents += sizes[whole++];
                }

                PromptTokens = TextTokens.Count(question) + 7;
                CompletionTokens = TextTokens.Count(string.Concat(contents.Take(whole - 1)));
            }

            Pieces = Cut(bytes, random);
        }

        public int Index { get; }

        public string RequestId => $"stream-{Index}";

        public bool IsLeft { get; }

        public string Request { get; }

        public int PromptTokens { get; }

        public int CompletionTokens { get; }

        /// <summary>What a client receives if it reads the stream to the end.</summary>
        public string Visible { get; }

        public IReadOnlyList<byte[]> Pieces { get; }

        /// <summary>The number of bytes that a client must read before it disconnects, so that it has received every complete event.</summary>
        public int BytesOfWholeEvents { get; }

        private static string Excerpt(Random random, int shortest, int longest)
        {
            var length = random.Next(shortest, longest);
            var start = random.Next(Prose.Length - length);

            // Never cut inside a surrogate pair.
            return Prose.Substring(start + (char.IsLowSurrogate(Prose[start]) ? 1 : 0), length).TrimEnd('\ud83d');
        }

        private static List<byte[]> Cut(byte[] bytes, Random random)
        {
            var pieces = new List<byte[]>();
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(bytes.Length - at, random.Next(1, 1_200));
                pieces.Add(bytes[at..(at + length)]);
                at += length;
            }

            return pieces;
        }
    }
}
