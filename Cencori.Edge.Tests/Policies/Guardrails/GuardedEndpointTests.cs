using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Guardrails for responses at every endpoint and of every type, and callers that disconnect meanwhile.</summary>
public sealed class GuardedEndpointTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    [Fact]
    public async Task Moderation_at_the_provider_checks_the_response()
    {
        var (_, key) = await at.CreateAsync("""{"name":"m","kind":"guardrail","action":"block","stage":"output","guardrail":{"type":"openai_moderation"}}""");
        ReceivedRequest? requested = null;
        at.Provider.Respond((request, response) =>
        {
            requested = request.Target == "/v1/moderations" ? request : requested;
            return response.JsonAsync(200, request == requested
                ? """{"results":[{"flagged":true,"categories":{"hate":true},"category_scores":{"hate":0.9}}]}"""
                : ScriptedProvider.ChatCompletion("gpt-4o", "You!", 3, 1));
        });
        using var edgeResponse = await at.ChatAsync(key);
        Assert.Equal(403, (int)edgeResponse.StatusCode);
        Assert.Equal("""{"model":"omni-moderation-latest","input":["You!"]}""", requested!.BodyText);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_disconnects_during_a_check_is_not_a_guardrail_failure(bool isStream)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.Guardrail.Respond((_, response) => response.WaitForAbortAsync());
        at.Provider.Respond((_, response) => isStream ? response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["hi"])) : response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        using (var leave = new CancellationTokenSource())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(isStream ? ScriptedEdge.StreamedChat : ScriptedEdge.Chat), Headers = { Authorization = new("Bearer", scene.Key) } };
            var asking = at.Edge.Http.SendAsync(request, leave.Token);
            var requested = await scene.Guardrail.NextRequestAsync();
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
            await requested.Aborted.WaitAsync(Eventually.Timeout, TimeProvider.System);
        }

        Assert.Empty((await scene.RowAsync()).Policy!.Hits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_endpoint_returns_text_that_a_guardrail_blocks(bool isStream)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block", settings: ""","unscanned_endpoints":"allow" """);
        scene.BlocksAt(EveryEndpointTests.Word);
        foreach (var form in EveryEndpointTests.Responses(isStream))
        {
            foreach (var (method, path) in EveryEndpointTests.Endpoints.Where(endpoint => !endpoint.Path.StartsWith("/v1/uploads", StringComparison.Ordinal)))
            {
                at.Provider.Respond(async (_, response) =>
                {
                    await response.SendHeadAsync(200, ("Content-Type", isStream ? "text/event-stream" : "application/json"), ("Transfer-Encoding", "chunked"));
                    await response.SendChunkAsync(form);
                    await response.EndChunksAsync();
                });
                using var content = method is "GET" or "DELETE" ? null : RunningEdge.Json(ResponseScene.Streamed.Replace("true", isStream ? "true" : "false", StringComparison.Ordinal));
                using var edgeResponse = await at.Edge.SendAsync(scene.Key, new(method), path, content);
                var text = await edgeResponse.Content.ReadAsStringAsync();
                Assert.False(text.Contains("phone", StringComparison.Ordinal), $"{method} {path}: {(int)edgeResponse.StatusCode} {text}");
            }
        }
    }
}
