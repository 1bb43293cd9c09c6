using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Exchanges;

/// <summary>Records of responses that fail after they have begun.</summary>
public sealed class BrokenResponseRecordsTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task A_stream_that_the_provider_breaks_off_is_recorded_as_an_error_with_status_200()
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("data: {}\n\n");
            await response.ResetAsync();
        });
        using var edgeResponse = await openai.ChatAsync(key, ScriptedEdge.StreamedChat);

        var record = await OneOfAsync(project);

        Assert.Equal((200, "PROVIDER_ERROR", RequestOutcome.Error, true), (record.Status, record.ErrorCode, record.Outcome, record.IsStream));
        var attempt = Assert.Single(record.Attempts!);
        Assert.Equal((1, "openai/gpt-4o", "failed", 200, record.CredentialHint), (attempt.Number, attempt.Target, attempt.Outcome, attempt.Status, attempt.CredentialHint));
        Assert.InRange(attempt.HeadUs!.Value, 1, record.DurationMicroseconds);
    }

    [Fact]
    public async Task An_attempt_that_was_never_sent_is_recorded_as_such_and_a_clean_single_attempt_is_not_recorded()
    {
        var (project, key) = await openai.CreateAsync(new { });
        await openai.Edge.StoreProviderKeyAsync(project, "openai", baseUrl: $"http://127.0.0.1:{LoopbackPort.Next()}/v1");
        using var refused = await openai.ChatAsync(key);
        var record = await OneOfAsync(project);
        Assert.Equal((503, "never_sent", null, null), (record.Status, Assert.Single(record.Attempts!).Outcome, record.Attempts![0].Status, record.Attempts[0].HeadUs));

        var (other, good) = await openai.CreateAsync(new { });
        using var completed = await openai.ChatAsync(good);
        Assert.Null((await OneOfAsync(other)).Attempts);
    }

    [Fact]
    public async Task A_stream_that_breaks_off_after_DONE_is_a_success()
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("data: {}\n\ndata: [DONE]\n\n");
            await response.ResetAsync();
        });
        using var edgeResponse = await openai.ChatAsync(key, ScriptedEdge.StreamedChat);

        var record = await OneOfAsync(project);

        Assert.Equal((200, null, RequestOutcome.Success, null), (record.Status, record.ErrorCode, record.Outcome, record.Attempts));
    }

    [Fact]
    public async Task A_document_that_breaks_off_is_recorded_as_failed()
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "1000"));
            await response.SendAsync("{\"choices\":");
            await response.ResetAsync();
        });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => openai.ChatAsync(key));

        var record = await OneOfAsync(project);

        Assert.Equal((RequestOutcome.Error, "failed"), (record.Outcome, Assert.Single(record.Attempts!).Outcome));
    }

    [Fact]
    public async Task A_replaced_response_keeps_its_own_status_in_the_record()
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(529, ("Content-Type", "text/html"), ("Content-Length", "6"));
            await response.SendAsync("<html>");
        });
        using var edgeResponse = await openai.ChatAsync(key);

        var record = await OneOfAsync(project);

        var attempt = Assert.Single(record.Attempts!);
        Assert.Equal((502, "replaced", 529), (record.Status, attempt.Outcome, attempt.Status));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"error":{"message":"Overloaded","type":"server_error"}}""", true)]
    [InlineData("/v1/chat/completions", """{"error":{"message":"Overloaded","type":"server_error"}}""", false)]
    [InlineData("/v1/responses", """{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"no"}}}""", false)]
    [InlineData("/v1/responses", """{"type":"error","code":"server_error","message":"no","sequence_number":3}""", false)]
    public async Task An_error_event_in_a_stream_is_recorded_as_an_error_with_status_200(string path, string error, bool isDone)
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue((_, response) => response.SseAsync(["{}", error], isDone));
        using var edgeResponse = await openai.Edge.PostAsync(key, path, """{"model":"gpt-4o","stream":true,"input":"Hello!","messages":[]}""");
        Assert.Contains(error, await edgeResponse.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var record = await OneOfAsync(project);

        Assert.Equal((200, "PROVIDER_ERROR", RequestOutcome.Error), (record.Status, record.ErrorCode, record.Outcome));
    }

    [Fact]
    public async Task A_caller_that_disconnects_at_an_error_event_counts_as_an_error_and_not_as_cancelled()
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("data: {\"error\":{\"message\":\"no\"}}\n\n");
            await response.WaitForAbortAsync();
            await response.CloseAsync();
        });
        using (var edgeResponse = await openai.Edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.StreamedChat))
        await using (var stream = await edgeResponse.Content.ReadAsStreamAsync())
        {
            await stream.ReadExactlyAsync(new byte[16]);
        }

        var record = await OneOfAsync(project);

        Assert.Equal((200, "PROVIDER_ERROR", RequestOutcome.Error), (record.Status, record.ErrorCode, record.Outcome));
    }

    [Fact]
    public async Task A_caller_that_disconnects_in_mid_stream_counts_as_cancelled()
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("data: {}\n\n");
            await response.WaitForAbortAsync();
            await response.CloseAsync();
        });
        using (await openai.Edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.StreamedChat))
        {
            // Disconnects as soon as the response has begun.
        }

        var record = await OneOfAsync(project);

        Assert.Equal((RequestOutcome.Cancelled, null, true), (record.Outcome, record.ErrorCode, record.IsStream));
    }

    private Task<RequestRecord> OneOfAsync(string project) => openai.Edge.RowAsync(row => row.ProjectId == project);
}
