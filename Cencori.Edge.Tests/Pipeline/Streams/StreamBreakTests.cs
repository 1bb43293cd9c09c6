using System.Text.Json.Nodes;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>Responses that the provider does not finish.</summary>
public sealed class StreamBreakTests(StreamBreakTests.ShortTimeoutEdge openai) : IClassFixture<StreamBreakTests.ShortTimeoutEdge>, IAsyncLifetime
{
    private const string First = "data: {\"n\":1}\n\n";

    private const string StreamWithUsage = """{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[]}""";

    private static readonly (string Name, string Value)[] EventStream = [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => openai.Edge.AssertLedgerClosesAsync(openai.ProjectId);

    [Theory]
    [InlineData(false, First)]
    [InlineData(true, First)]
    [InlineData(false, First + "data: {\"ha")]
    [InlineData(true, First + "data: {\"ha")]
    public async Task A_provider_that_breaks_off_mid_stream_ends_it_with_one_error_event_and_no_DONE(bool reset, string soFar)
    {
        // yarp trap 16, field trap 12
        AssertEndsWith("PROVIDER_ERROR", soFar, await ReadBreakAsync(reset, soFar, StreamWithUsage));
    }

    [Theory]
    [InlineData("/v1/messages", "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")]
    [InlineData("/v1/responses", "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1,\"total_tokens\":2}}}\n\n")]
    public async Task A_break_after_the_last_event_leaves_the_stream_complete(string path, string whole)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, EventStream);
            await response.SendChunkAsync(whole);
            await response.ResetAsync();
        });

        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, path, """{"model":"gpt-4o","stream":true,"max_tokens":10,"input":"x","messages":[]}""");
        await openai.Provider.NextRequestAsync();

        Assert.Equal(whole, await edgeResponse.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_provider_that_sends_only_comments_counts_as_silent()
    {
        openai.Provider.Enqueue(async (request, response) =>
        {
            await response.SendHeadAsync(200, EventStream);
            await response.SendChunkAsync(First);
            while (!request.Aborted.IsCompleted)
            {
                await response.SendChunkAsync(": still here\n\n");
                await response.PauseAsync(TimeSpan.FromMilliseconds(50));
            }
        });

        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.StreamedChat);
        await openai.Provider.NextRequestAsync();
        var stream = await edgeResponse.Content.ReadAsStringAsync();

        Assert.StartsWith(First + ": still here\n\n", stream, StringComparison.Ordinal);
        AssertEndsWith("PROVIDER_TIMEOUT", First, stream.Replace(": still here\n\n", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_incomplete_event_is_dropped_if_the_edge_asked_for_usage(bool reset)
    {
        // field trap 11
        var stream = await ReadBreakAsync(reset, First + "data: {\"choices\":[],\"usage\":{\"pro", ScriptedEdge.StreamedChat);

        AssertEndsWith("PROVIDER_ERROR", First, stream);
        Assert.DoesNotContain("usage", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_falls_silent_mid_stream_ends_it_with_one_timeout_event_and_is_disconnected()
    {
        // yarp trap 14, field trap 13
        var received = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, EventStream);
            await response.SendChunkAsync(First);
            received.TrySetResult();
            await response.WaitForAbortAsync();
        });

        AssertEndsWith("PROVIDER_TIMEOUT", First, await ReadStreamAsync(received));
    }

    [Fact]
    public async Task A_broken_stream_with_a_Content_Length_ends_with_the_error_event_too()
    {
        var received = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Content-Length", $"{First.Length + 5}"));
            await response.SendAsync(First);
            await response.HoldAsync(received.Task);
            await response.CloseAsync();
        });

        AssertEndsWith("PROVIDER_ERROR", First, await ReadStreamAsync(received));
    }

    [Theory]
    [InlineData("text/event-stream", false, 502, "PROVIDER_ERROR")]
    [InlineData("text/event-stream", true, 504, "PROVIDER_TIMEOUT")]
    [InlineData("application/json", false, 502, "PROVIDER_ERROR")]
    [InlineData("application/json", true, 504, "PROVIDER_TIMEOUT")]
    public async Task A_provider_that_sends_headers_and_no_body_gives_a_regular_error(string type, bool isSilent, int status, string code)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", type), ("Transfer-Encoding", "chunked"), ("Content-Language", "en"));
            await (isSilent ? response.WaitForAbortAsync() : response.CloseAsync());
        });

        using var edgeResponse = await openai.ChatAsync(body: ScriptedEdge.StreamedChat);
        await openai.Provider.NextRequestAsync();
        var error = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal((status, code), ((int)edgeResponse.StatusCode, (string?)error["code"]));
        Assert.Empty(edgeResponse.Content.Headers.ContentLanguage);
        Assert.Single(edgeResponse.Headers.GetValues("X-Request-Id"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task JSON_that_breaks_off_does_not_look_complete(bool chunked)
    {
        var received = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), chunked ? ("Transfer-Encoding", "chunked") : ("Content-Length", "500"));
            await (chunked ? response.SendChunkAsync("{\"id\":") : response.SendAsync("{\"id\":"));
            await response.HoldAsync(received.Task);
            await response.CloseAsync();
        });

        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.Chat);
        await openai.Provider.NextRequestAsync();
        received.SetResult();

        await Assert.ThrowsAsync<HttpRequestException>(() => edgeResponse.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_official_SDK_throws_for_a_broken_stream(bool isSilent)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, EventStream);
            await response.SendChunkAsync($"data: {ScriptedProvider.ChatChunks("gpt-4o", ["one"])[1]}\n\n");
            await (isSilent ? response.WaitForAbortAsync() : response.CloseAsync());
        });

        var text = "";
        var failure = await Record.ExceptionAsync(async () =>
        {
            await foreach (var update in openai.Edge.OpenAI(openai.Key).GetChatClient("gpt-4o").CompleteChatStreamingAsync("Hello!"))
            {
                text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            }
        });
        await openai.Provider.NextRequestAsync();

        Assert.Equal("one", text);
        Assert.NotNull(failure);
    }

    [Fact]
    public async Task The_activity_timeout_is_ten_minutes_for_every_provider_of_yarp_json()
    {
        // yarp trap 14
        await using var edge = await RunningEdge.StartAsync();
        var clusters = edge.Services.GetRequiredService<IProxyStateLookup>().GetClusters().ToList();

        Assert.Equal(12, clusters.Count);
        Assert.All(clusters, cluster => Assert.Equal(TimeSpan.FromSeconds(601), cluster.Model.Config.HttpRequest?.ActivityTimeout));
        Assert.All(edge.Services.GetRequiredService<ProviderCatalog>().All, provider => Assert.Equal(TimeSpan.FromMinutes(10), provider.ActivityTimeout));
    }

    private static void AssertEndsWith(string code, string soFar, string stream)
    {
        Assert.StartsWith(soFar, stream, StringComparison.Ordinal);
        var events = stream[soFar.Length..].Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var error = JsonNode.Parse(Assert.Single(events)["data: ".Length..])!["error"]!;
        Assert.Equal((code, "api_error"), ((string?)error["code"], (string?)error["type"]));
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
    }

    private async Task<string> ReadBreakAsync(bool reset, string soFar, string request)
    {
        var received = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, EventStream);
            await response.SendChunkAsync(soFar);
            await response.HoldAsync(received.Task);
            await (reset ? response.ResetAsync() : response.CloseAsync());
        });
        return await ReadStreamAsync(received, request);
    }

    // Returns only if the stream ended without a connection reset.
    private async Task<string> ReadStreamAsync(TaskCompletionSource firstRead, string? request = null)
    {
        using var response = await openai.Edge.PostAsync(openai.Key, "/v1/chat/completions", request ?? ScriptedEdge.StreamedChat);
        await openai.Provider.NextRequestAsync();
        firstRead.TrySetResult();
        return await response.Content.ReadAsStringAsync();
    }

    public sealed class ShortTimeoutEdge : RespondingEdge
    {
        protected override IEnumerable<string> Settings => ["ReverseProxy:Clusters:openai:HttpRequest:ActivityTimeout=00:00:03"];

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            await Edge.SetBudgetAsync(ProjectId);
        }
    }
}
