using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;
using Script = System.Func<
    Cencori.Edge.Tests.Infrastructure.Providers.ReceivedRequest,
    Cencori.Edge.Tests.Infrastructure.Providers.ScriptedResponse,
    System.Threading.Tasks.Task>;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>Problems with failover between models that users of other gateways have reported, numbered as in the design's list.</summary>
public sealed class RouteReportsTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private const string TooLong = """{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","code":"context_length_exceeded"}}""";
    private const string Hi = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]\n\n";

    private static readonly string Fast = ScriptedEdge.ChatOf("fast");

    [Theory]
    [InlineData("", """{"include_usage":true}""")]
    [InlineData(""","stream_options":{"include_usage":true}""", """{"include_usage":true}""")]
    [InlineData(""","stream_options" : {"include_usage":false,"x":"}"} ,"n":1""", """{"include_usage":true,"x":"}"}""")]
    [InlineData(""","stream_options":null""", """{"include_usage":true}""")]
    public async Task C3_Each_provider_is_asked_for_stream_usage_in_its_own_way(string options, string expected)
    {
        // Mistral refuses stream_options.
        foreach (var (first, second) in ((int, int)[])[(0, 2), (2, 0)])
        {
            var (project, key, accounts) = await fleet.CreateProvidersAsync(Refuse(500), Refuse(500), Refuse(500));
            accounts[second].Script = Events(Hi);
            await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(Target(first)), Group(Target(second))) });
            using var response = await fleet.ChatAsync(key, $$"""{"model":"fast","stream":true,"messages":[{"role":"user","content":"x"}]{{options}}}""");

            Assert.Equal((200, "2"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
            var (openai, mistral) = (JsonNode.Parse(accounts[0].Requests.Single().Body.Span)!, JsonNode.Parse(accounts[2].Requests.Single().Body.Span)!.AsObject());
            Assert.Equal(expected, openai["stream_options"]!.ToJsonString());
            Assert.False(mistral.ContainsKey("stream_options"));
            Assert.Equal((ModelOf(2), true, 1), ((string?)mistral["model"], (bool)mistral["stream"]!, mistral["messages"]!.AsArray().Count));
        }
    }

    [Fact]
    public async Task C5_Caller_headers_and_metadata_reach_every_attempt_and_the_request_has_one_record()
    {
        (string Name, string Value)[] sent = [("X-Request-Id", "req-of-the-caller"), ("Anthropic-Beta", "a,b"), ("X-Stainless-Retry-Count", "0"), ("Idempotency-Key", "k-1"), ("X-Empty", "")];
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, Refuse(500), Refuse(429), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast.Replace("{\"model\"", "{\"metadata\":{\"team\":\"red\"},\"user\":\"u-1\",\"model\"", StringComparison.Ordinal), sent);

        Assert.Equal((200, "3"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
        var requests = accounts.Select(account => account.Requests.Single()).ToList();
        Assert.All(requests, request => Assert.Equal(("red", "u-1"), ((string?)JsonNode.Parse(request.Body.Span)!["metadata"]!["team"], (string?)JsonNode.Parse(request.Body.Span)!["user"])));
        Assert.Equal(OwnHeaders(requests[0]), OwnHeaders(requests[1]));
        Assert.Equal(OwnHeaders(requests[0]), OwnHeaders(requests[2]));
        Assert.Contains("Idempotency-Key: k-1", OwnHeaders(requests[2]));
        Assert.Equal(3, requests.Select(request => Assert.Single(request.Values("Authorization"))).Distinct().Count());
        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal(("req-of-the-caller", 3), (record.RequestId, record.Attempts!.Count));
        Assert.Equal("req-of-the-caller", Header(response, "X-Request-Id"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task G3_An_input_that_is_too_long_is_refused_or_sent_to_a_larger_model_as_the_route_says(int status)
    {
        foreach (var rule in (string?[])[null, "refuse", "larger"])
        {
            var (project, key, accounts) = await SizedAsync(rule, [8_000, 8_000, 32_000, null], Say(status, TooLong), RespondOk(), RespondOk(), RespondOk());
            using var response = await fleet.ChatAsync(key, Fast);
            if (rule == "larger")
            {
                Assert.Equal((200, "mistral", "2", "too_long"), ((int)response.StatusCode, Header(response, "x-cencori-provider"), Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
                Assert.Equal([1, 0, 1, 0], accounts.Select(account => account.Count));
            }
            else
            {
                Assert.Equal((status, TooLong, null), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), Header(response, "x-cencori-fallback")));
                Assert.Equal([1, 0, 0, 0], accounts.Select(account => account.Count));
            }

            // The target is not at fault.
            Assert.Empty(await fleet.ListCoolDownsAsync(project));
        }
    }

    [Fact]
    public async Task If_the_largest_model_also_refuses_the_caller_is_told_and_smaller_models_are_not_asked()
    {
        var (_, key, accounts) = await SizedAsync("larger", [8_000, 4_000, 32_000, 64_000], Say(400, TooLong), RespondOk(), Say(400, TooLong), Say(503, "{}"));
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal((503, "3"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
        Assert.Equal([1, 0, 1, 1], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData("larger", 200)]
    [InlineData(null, 400)]
    public async Task If_the_first_models_context_is_unknown_models_with_a_known_context_are_asked(string? rule, int status)
    {
        var (_, key, accounts) = await SizedAsync(rule, [null, null, 8_000], Say(400, TooLong), RespondOk(), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(rule is null ? [1, 0, 0] : [1, 0, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_stream_that_begins_with_a_too_long_error_moves_to_a_larger_model()
    {
        var error = $"data: {TooLong}\n\n";
        foreach (var rule in (string?[])[null, "larger"])
        {
            var (project, key, accounts) = await SizedAsync(rule, [4_000, 8_000], Events(error), Events(Hi));
            using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal));
            var text = await response.Content.ReadAsStringAsync();
            Assert.StartsWith(rule is null ? error : Hi, text, StringComparison.Ordinal);
            Assert.Equal(rule is null ? [1, 0] : [1, 1], accounts.Select(account => account.Count));
            Assert.Empty(await fleet.ListCoolDownsAsync(project));
        }
    }

    [Theory]
    [InlineData("""{"error":{"message":"The input (250000 tokens) is longer than the model's context length (200000 tokens)."}}""")]
    [InlineData("""{"object":"error","message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","code":400}""")]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 213462 tokens > 200000 maximum"}}""")]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"}}""")]
    [InlineData("""[{"error":{"code":400,"message":"The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}}]""")]
    [InlineData("""{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."}""")]
    [InlineData("""{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages"}}""")]
    [InlineData("""{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_prompt","code":"3051"}""")]
    [InlineData("""{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}""")]
    [InlineData("""{"error":"Trying to keep the first 9000 tokens when context overflows; the number of tokens to keep from the initial prompt is greater than the context length"}""")]
    [InlineData("""{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192","type":"invalid_request_error"}}""")]
    [InlineData("""{"error":{"code":"invalid_parameter_error","message":"Range of input length should be [1, 30720]"}}""")]
    [InlineData("""{"error":{"message":"prompt token count of 200000 exceeds the limit of 128000","code":"model_max_prompt_tokens_exceeded"}}""")]
    [InlineData("""{"error":{"code":"tokens_limit_reached","message":"Request body too large for gpt-4o-mini model. Max size: 8000 tokens."}}""")]
    [InlineData("""{"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","type":"invalid_request_error","param":"input"}}""")]
    [InlineData("""{"error":"`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`","error_type":"validation"}""")]
    public async Task G4_Every_providers_wording_of_too_long_is_recognised(string body)
    {
        var (_, key, accounts) = await SizedAsync("larger", [4_000, 8_000], Say(400, body), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal((200, "too_long"), ((int)response.StatusCode, Header(response, "x-cencori-fallback")));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData("""{"error":{"message":"Invalid value for 'temperature'.","type":"invalid_request_error","param":"temperature"}}""")]
    [InlineData("""{"error":{"message":"max_tokens is too large: 200000. This model supports at most 16384 completion tokens.","param":"max_tokens"}}""")]
    public async Task Other_request_errors_do_not_move_to_a_larger_model(string body)
    {
        var (_, key, accounts) = await SizedAsync("larger", [4_000, 8_000], Say(400, body), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal((400, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData(404, false)]
    [InlineData(404, true)]
    [InlineData(405, false)]
    [InlineData(429, true)]
    [InlineData(500, false)]
    public async Task G5_Responses_requests_never_fall_back_to_a_provider_with_only_chat(int status, bool isStream)
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(null, (request, response) => (request.Target.Contains("/responses", StringComparison.Ordinal) ? Refuse(status) : RespondOk())(request, response), RespondOk(), RespondOk());
        var body = $$"""{"model":"fast","input":"x","stream":{{(isStream ? "true" : "false")}},"store":false,"tools":[{"type":"web_search"}]}""";
        for (var request = 1; request <= 2; request++)
        {
            using var edgeResponse = await fleet.Edge.PostAsync(key, "/v1/responses", body);
            Assert.Equal((status, "openai"), ((int)edgeResponse.StatusCode, Header(edgeResponse, "x-cencori-provider")));
            Assert.Equal([request, 0, 0], accounts.Select(account => account.Count));
        }

        Assert.All(accounts[0].Requests, request => Assert.EndsWith("/responses", request.Target, StringComparison.Ordinal));
    }

    private async Task<(string ProjectId, string Key, FleetEdge.Account[] Accounts)> SizedAsync(string? rule, int?[] sizes, params Script[] scripts)
    {
        var created = await fleet.CreateProvidersAsync(scripts);
        var groups = sizes.Select((size, place) =>
        {
            var target = Target(place);
            if (size is not null)
            {
                target["context_tokens"] = size;
            }

            return Group(target);
        });
        var document = new JsonObject { ["groups"] = new JsonArray([.. groups]) };
        if (rule is not null)
        {
            document["on_overflow"] = rule;
        }

        await fleet.SetRouteAsync(created.ProjectId, "fast", document);
        return created;
    }

    // Leaves out the headers that the edge sets for each attempt.
    private static List<string> OwnHeaders(ReceivedRequest request) => [.. request.Headers
        .Where(header => header.Name.ToLowerInvariant() is not ("authorization" or "host" or "content-length" or "traceparent"))
        .Select(header => $"{header.Name}: {header.Value}").Order(StringComparer.Ordinal)];

    private static Script Events(string events) => async (_, response) =>
    {
        await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        await response.SendChunkAsync(events);
        await response.EndChunksAsync();
    };
}
