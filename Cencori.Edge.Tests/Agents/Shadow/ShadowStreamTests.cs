using System.Text;
using Cencori.Edge.Agents;
using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Tests.Agents.Shadow;

/// <summary>Streams of agents in shadow mode that fail.</summary>
public sealed class ShadowStreamTests
{
    private const string Call = "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"delete\",\"arguments\":\"{\"}}]}}]}\n\n";
    private const string Message = "The agent is in shadow mode, and its tool calls cannot be recorded at the moment.";

    private static readonly ProviderDefinition Provider = new("openai", CredentialScheme.Bearer, "/v1", [], TimeSpan.FromMinutes(10), NeedsBaseUrl: false);

    [Theory]
    [InlineData(EventDialect.Chunks, true, "\n\ndata: {\"error\":\"" + Message + "\",\"finish_reason\":\"error\"}\n\n")]
    [InlineData(EventDialect.Chunks, false, "\n\ndata: {\"error\":{\"message\":\"" + Message)]
    public async Task Calls_that_cannot_be_recorded_fail_the_request_even_if_the_provider_has_finished(EventDialect dialect, bool isNative, string expected)
    {
        var (attempt, text) = await ReadAsync(dialect, isNative, Call + "data: [DONE]\n\n");

        Assert.StartsWith(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.Equal(AttemptEnd.Failed, attempt.End);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"delete\",\"arguments\":\"{}\"}}]}}]}\ndata: [DONE]\n\n")]
    [InlineData("{\"choices\":[{\"index\":0,\"message\":{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"delete\",\"arguments\":\"{}\"}}]}}]}")]
    [InlineData("\n {\n\"choices\":[{\"index\":0,\n\n\"message\":{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"delete\",\"arguments\":\"{}\"}}]}}]}\n\n")]
    public async Task Content_that_is_no_event_does_not_pass(string provider)
    {
        var (attempt, text) = await ReadAsync(EventDialect.Chunks, isNative: false, provider);

        Assert.DoesNotContain("delete", text, StringComparison.Ordinal);
        Assert.Contains("\"error\"", text, StringComparison.Ordinal);
        Assert.Equal(AttemptEnd.Failed, attempt.End);
    }

    [Fact]
    public async Task A_stream_without_an_end_marker_has_no_calls()
    {
        var (_, text) = await ReadAsync(EventDialect.Chunks, isNative: false, Call);
        Assert.Empty(text);
    }

    private static async Task<(Attempt Attempt, string Text)> ReadAsync(EventDialect dialect, bool isNative, string provider)
    {
        var context = new DefaultHttpContext();
        var attempt = SomeAttempt.At(Provider, () => { }) with { Events = dialect };
        context.Features.Set(attempt);
        var agent = new Agent(new AgentRecord { Id = "agt_1", ProjectId = "p", Name = "a", IsShadow = true, CreatedAt = default });
        var recorder = new ShadowRecorder(new PendingActions(new NoDatabase(), TimeProvider.System), "p", agent, context, dialect, isNative);
        await using var stream = recorder.Hold(SomeAttempt.Open(attempt, new MemoryStream(Encoding.UTF8.GetBytes(provider)), isEventStream: true, length: null, TimeProvider.System), isEventStream: true);
        using var reader = new StreamReader(stream);
        return (attempt, await reader.ReadToEndAsync());
    }

    private sealed class NoDatabase : IDbContextFactory<EdgeDbContext>
    {
        public EdgeDbContext CreateDbContext() => throw new InvalidOperationException("The database is away.");
    }
}
