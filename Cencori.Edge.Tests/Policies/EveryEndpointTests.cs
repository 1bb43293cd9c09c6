using System.Text;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Tests.Policies;

/// <summary>A blocked word never passes, at any endpoint and in any member.</summary>
public sealed class EveryEndpointTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Block = """{"name":"canary","kind":"words","words":["xylophone-canary-7"],"action":"block","stage":"both"}""";
    internal const string Word = "xylophone-canary-7";

    private static readonly string[] Bodies =
    [
        """{"model":"gpt-4o","messages":[{"role":"user","content":"$"}],"input":"x","prompt":"x"}""",
        """{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"input":"$","prompt":"x","stream":true}""",
        """{"model":"gpt-4o","messages":[{"role":"system","content":[{"type":"text","text":"$"}]}],"input":[{"role":"user","content":[{"type":"input_text","text":"$"}]}],"prompt":"$"}""",
        """{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"input":"x","prompt":"x","tools":[{"type":"function","function":{"name":"f","description":"$"}}]}""",
        """{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"input":"x","prompt":"x","anything":{"deep":[[{"$":null}]]}}""",
    ];

    internal static IEnumerable<(string Method, string Path)> Endpoints => EndpointTable.KeyPaths
        .Where(endpoint => endpoint.Path is not ("/v1/models" or "/v1/metrics" or "/v1/agent/actions/poll"))
        .Concat([("POST", "/v1/unknown/path"), ("PUT", "/v1/unknown"), ("PATCH", "/v1/unknown"), ("DELETE", "/v1/unknown"), ("POST", "/api/v1/chat/completions"), ("POST", "/openai/deployments/gpt-4o/chat/completions?api-version=1")])
        .Distinct();

    [Fact]
    public async Task No_endpoint_sends_a_blocked_word_to_a_provider()
    {
        var (_, key) = await at.CreateAsync(Block);
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        var (endpoints, got) = (Endpoints.ToList(), at.Provider.Requests.Count);
        Assert.True(endpoints.Count > 35, $"Only {endpoints.Count} endpoints were found.");
        foreach (var (method, path) in endpoints)
        {
            foreach (var body in Bodies)
            {
                using var content = method is "GET" or "DELETE" ? null : new StringContent(body.Replace("$", Word, StringComparison.Ordinal), Encoding.UTF8, "application/json");
                var sent = content is null ? $"{path}{(path.Contains('?', StringComparison.Ordinal) ? "&" : "?")}q={Word}" : path;
                using var edgeResponse = await at.Edge.SendAsync(key, new(method), sent, content);
                Assert.True((int)edgeResponse.StatusCode is >= 400 and < 500, $"{method} {path}: {(int)edgeResponse.StatusCode}");
            }
        }

        Assert.DoesNotContain(at.Provider.Requests.Skip(got), request => Encoding.UTF8.GetString(request.Body.Span).Contains(Word, StringComparison.Ordinal) || request.Target.Contains(Word, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_endpoint_returns_a_blocked_word_to_a_caller(bool isStream)
    {
        var (_, key) = await at.CreateAsync(Block, ""","unscanned_endpoints":"allow" """);
        foreach (var form in Responses(isStream))
        {
            at.Provider.Respond(async (_, response) =>
            {
                await response.SendHeadAsync(200, ("Content-Type", isStream ? "text/event-stream" : "application/json"), ("Transfer-Encoding", "chunked"));
                foreach (var piece in form.Chunk(7))
                {
                    await response.SendChunkAsync(new string(piece));
                }

                await response.EndChunksAsync();
            });
            foreach (var (method, path) in Endpoints.Where(endpoint => !endpoint.Path.StartsWith("/v1/uploads", StringComparison.Ordinal)))
            {
                using var content = method is "GET" or "DELETE" ? null : new StringContent($$"""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"input":"x","prompt":"x","stream":{{(isStream ? "true" : "false")}}}""", Encoding.UTF8, "application/json");
                using var edgeResponse = await at.Edge.SendAsync(key, new(method), path, content);
                var text = await edgeResponse.Content.ReadAsStringAsync();
                Assert.False(text.Contains("phone-canary", StringComparison.Ordinal), $"{method} {path}: {(int)edgeResponse.StatusCode} {text}");
            }
        }
    }

    internal static string[] Responses(bool isStream) => isStream
        ?
        [
            PolicyEdge.ChunkOf("the xylo") + PolicyEdge.ChunkOf("phone-can") + PolicyEdge.ChunkOf("ary-7 is") + PolicyEdge.EndOf(),
            """
            event: response.output_text.delta
            data: {"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"the xylo"}

            event: response.output_text.delta
            data: {"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"phone-canary-7"}

            event: response.output_text.done
            data: {"type":"response.output_text.done","item_id":"m","output_index":0,"content_index":0,"text":"the xylophone-canary-7"}

            event: response.completed
            data: {"type":"response.completed","response":{"id":"r","output":[{"content":[{"text":"the xylophone-canary-7"}]}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}}


            """,
            """
            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"xylo"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"phone-canary-7"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_stop
            data: {"type":"message_stop"}


            """,
        ]
        :
        [
            """{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"the xylophone-canary-7"},"finish_reason":"stop"}],"output":[{"content":[{"text":"xylophone-canary-7"}]}]}""",
            """{"data":[{"revised_prompt":"xylophone\u002dcanary-7"}]}""",
            "plain xylophone-canary-7 text",
        ];
}
