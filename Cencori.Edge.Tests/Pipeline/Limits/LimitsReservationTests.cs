using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Limits;

public class LimitsReservationTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private const int Bucket = 100_000;

    // "role", "user", "content" and 25 letters are 40 bytes: 10 tokens.
    private const string Messages = """[{"role":"user","content":"xxxxxxxxxxxxxxxxxxxxxxxxx"}]""";

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":M}""", 10 + 1_024)]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":M,"max_tokens":50}""", 10 + 50)]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":M,"max_completion_tokens":50,"n":3}""", 10 + (50 * 3))]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":M,"n":4}""", 10 + (1_024 * 4))]
    [InlineData("/v1/completions", """{"model":"gpt-3.5-turbo-instruct","prompt":"12345678","max_tokens":7}""", 2 + 7)]
    [InlineData("/v1/responses", """{"model":"gpt-4o","input":"123456789","max_output_tokens":20}""", 3 + 20)]
    [InlineData("/v1/embeddings", """{"model":"text-embedding-3-small","input":["1234","5678"]}""", 2)]
    [InlineData("/v1/moderations", """{"model":"omni-moderation-latest","input":"12345678"}""", 2)]
    public async Task A_request_reserves_its_input_and_its_maximum_output(string path, string body, int tokens)
    {
        var (_, key) = await scene.CreateAsync(new { tokens_per_minute = Bucket });

        using var response = await scene.Edge.PostAsync(key, path, body.Replace("M", Messages, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($"{Bucket - tokens}", response.Header("x-ratelimit-remaining-tokens"));
    }

    [Fact]
    public async Task An_absurd_output_limit_is_refused_without_an_overflow()
    {
        var (_, key) = await scene.CreateAsync(new { tokens_per_minute = Bucket });

        using var refused = await scene.Edge.PostAsync(
            key, "/v1/chat/completions", $$"""{"model":"gpt-4o","messages":{{Messages}},"max_tokens":9223372036854775807,"n":128}""");

        await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
        Assert.Equal($"{Bucket}", refused.Header("x-ratelimit-remaining-tokens"));
    }

    [Fact]
    public async Task Of_two_hundred_concurrent_requests_exactly_those_within_the_limit_reach_the_provider() // field trap 1
    {
        var open = new TaskCompletionSource();
        scene.Provider.Respond(async (_, response) =>
        {
            await response.HoldAsync(open.Task);
            await response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1));
        });
        try
        {
            var (_, key) = await scene.CreateAsync(new { tokens_per_minute = 10_000 });
            var before = scene.Provider.Requests.Count;

            var requested = Enumerable.Range(0, 200).Select(_ => scene.PostChatAsync(key, tokens: 1_000)).ToList();
            await FinishAsync(requested, 190);
            open.SetResult();
            var responses = await Task.WhenAll(requested);

            Assert.Equal(10, responses.Count(edgeResponse => edgeResponse.StatusCode == HttpStatusCode.OK));
            Assert.Equal(190, responses.Count(edgeResponse => edgeResponse.StatusCode == HttpStatusCode.TooManyRequests));
            Assert.Equal(10, scene.Provider.Requests.Count - before);
            Array.ForEach(responses, edgeResponse => edgeResponse.Dispose());
        }
        finally
        {
            open.TrySetResult();
            scene.RespondToChats();
        }
    }

    /// <summary>Waits until that many of the requests have completed.</summary>
    private static async Task FinishAsync(IEnumerable<Task> tasks, int count)
    {
        await foreach (var _ in Task.WhenEach(tasks))
        {
            if (--count == 0)
            {
                return;
            }
        }
    }
}
