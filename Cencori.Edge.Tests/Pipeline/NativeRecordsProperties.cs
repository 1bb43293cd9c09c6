using System.Globalization;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dialects;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Records;
using CsCheck;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Whatever a provider streams, and wherever it breaks off: a request has one record, and the same at both doors.</summary>
public sealed class NativeRecordsProperties : IAsyncLifetime
{
    /// <summary>How many samples; the seed of one that failed is in <c>CsCheck_Seed</c>.</summary>
    private const string Variable = "CENCORI_TEST_STREAMS";

    private const int PerProject = 20;

    private static readonly int Iterations = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var count) ? count : PerProject;

    private readonly ScriptedProvider _provider = new() { IsForgetful = true };
    private RunningEdge _edge = null!;

    public async Task InitializeAsync() => _edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", _provider.Address)]);

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public Task One_record_each_and_the_same() => Gen.Int.Array[PerProject].SampleAsync(
        async seeds =>
        {
            var project = await _edge.CreateProjectAsync("openai");
            var key = await _edge.CreateKeyAsync(project);
            foreach (var (seed, index) in seeds.Select((seed, index) => (seed, index)))
            {
                var chat = new SomeChat(seed);
                await AskAsync(key, "/api/ai/chat", chat, $"{project}-{index}-native");
                await AskAsync(key, "/v1/chat/completions", chat, $"{project}-{index}-openai");
            }

            var rows = await _edge.RowsOfAsync(project, 2 * seeds.Length);
            Assert.Equal(2 * seeds.Length, rows.Count);
            for (var index = 0; index < seeds.Length; index++)
            {
                var (native, openai) = (rows.Single(row => row.RequestId == $"{project}-{index}-native"), rows.Single(row => row.RequestId == $"{project}-{index}-openai"));
                Assert.Equal(Told(openai), Told(native));
            }
        },
        iter: Math.Max(1, Iterations / PerProject),
        threads: 1);

    private static string Told(RequestRecord row) =>
        $"{row.Status} {row.Outcome} {row.ErrorCode} {row.PromptTokens} {row.CompletionTokens} {row.IsEstimated} {row.CostUsd} {row.ModelServed} {row.IsStream} {row.Attempts}";

    private async Task AskAsync(string key, string path, SomeChat chat, string id)
    {
        _provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            var size = Math.Max(chat.Pieces[0], chat.Bytes.Length / 10);
            for (var at = 0; at < chat.Cut; at += size)
            {
                await response.SendChunkAsync(chat.Bytes.AsMemory(at, Math.Min(size, chat.Cut - at)));
            }

            await (chat.IsCut ? response.CloseAsync() : response.EndChunksAsync());
        });
        using var answer = await _edge.PostAsync(key, path, $$"""{"model":"gpt-4o","stream":true,"n":{{chat.Choices}},"messages":[{"role":"user","content":"Hello!"}]}""", ("X-Request-Id", id));
        await answer.Content.ReadAsByteArrayAsync();
    }
}
