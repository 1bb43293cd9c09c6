using System.Globalization;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Dialects;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using CsCheck;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>For any stream of a provider, broken off anywhere: a request has one record, and it is the same at the native and the OpenAI endpoint.</summary>
public sealed class NativeRecordsProperties
{
    /// <summary>The environment variable with the number of samples. A failure is repeated with its seed in <c>CsCheck_Seed</c>.</summary>
    private const string Variable = "CENCORI_TEST_STREAMS";

    private const int PerProject = 20;

    private static readonly int Iterations = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var count) ? count : PerProject;

    [Fact]
    public async Task A_request_has_one_record_and_the_same_at_both_endpoints()
    {
        await using var provider = new ScriptedProvider { IsForgetful = true };
        await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", provider.Address)]);
        await Gen.Int.Array[PerProject].SampleAsync(seeds => AssertSameAsync(edge, provider, seeds), iter: Math.Max(1, Iterations / PerProject), threads: 1);
    }

    private static async Task AssertSameAsync(RunningEdge edge, ScriptedProvider provider, int[] seeds)
    {
        var project = await edge.CreateProjectAsync("openai");
        var key = await edge.CreateKeyAsync(project);
        foreach (var (seed, index) in seeds.Select((seed, index) => (seed, index)))
        {
            var chat = new SomeChat(seed);
            await AskAsync(edge, provider, key, "/api/ai/chat", chat, $"{project}-{index}-native");
            await AskAsync(edge, provider, key, "/v1/chat/completions", chat, $"{project}-{index}-openai");
        }

        var rows = await edge.RowsOfAsync(project, 2 * seeds.Length);
        Assert.Equal(2 * seeds.Length, rows.Count);
        for (var index = 0; index < seeds.Length; index++)
        {
            var (native, openai) = (rows.Single(row => row.RequestId == $"{project}-{index}-native"), rows.Single(row => row.RequestId == $"{project}-{index}-openai"));
            if (ChatReading.Of(new SomeChat(seeds[index]).Bytes).Error is null)
            {
                Assert.Equal(SummaryOf(openai), SummaryOf(native));
            }
            else
            {
                // After an error the native endpoint stops reading, so it counts nothing more.
                Assert.Equal((openai.Outcome, openai.ErrorCode), (native.Outcome, native.ErrorCode));
            }
        }
    }

    private static string SummaryOf(RequestRecord row) =>
        $"{row.Status} {row.Outcome} {row.ErrorCode} {row.PromptTokens} {row.CompletionTokens} {row.IsEstimated} {row.CostUsd} {row.ModelServed} {row.IsStream}";

    private static async Task AskAsync(RunningEdge edge, ScriptedProvider provider, string key, string path, SomeChat chat, string id)
    {
        provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            var size = Math.Max(chat.Pieces[0], chat.Bytes.Length / 10);
            for (var at = 0; at < chat.Cut; at += size)
            {
                await response.SendChunkAsync(chat.Bytes.AsMemory(at, Math.Min(size, chat.Cut - at)));
            }

            await (chat.IsCut ? response.CloseAsync() : response.EndChunksAsync());
        });
        using var edgeResponse = await edge.PostAsync(key, path, $$"""{"model":"gpt-4o","stream":true,"n":{{chat.Choices}},"messages":[{"role":"user","content":"Hello!"}]}""", ("X-Request-Id", id));
        await edgeResponse.Content.ReadAsByteArrayAsync();
    }
}
