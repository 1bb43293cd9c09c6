using System.Text.Json.Nodes;
using Cencori.Edge.Policies;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Policies.Webhooks;

/// <summary>The block events that a webhook receives, and what is not reported.</summary>
public sealed class BlockEventTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    [Fact]
    public async Task A_blocked_request_sends_an_event_without_its_text()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        using (var response = await at.Edge.PostAsync(scene.Key, "/v1/chat/completions", WebhookScene.Chat("alice@example.com saw a Falcon and a falcon"), ("X-Request-Id", "told-in-the-test"), ("baggage", "caller=yes"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")))
        {
            Assert.Equal(403, (int)response.StatusCode);
        }

        var request = await scene.Receiver.NextRequestAsync();
        WebhookScene.AssertSigned(request);
        Assert.Equal(("POST", "/blocks"), (request.Method, request.Target));
        Assert.Equal(["application/json"], request.Values("Content-Type"));
        Assert.All((string[])["alice", "falcon", "saw", "caller", "0af7651916cd43dd", WebhookScene.Secret], said => Assert.DoesNotContain(said, request.HeadText + request.BodyText, StringComparison.OrdinalIgnoreCase));

        var reported = JsonNode.Parse(request.BodyText)!.AsObject();
        Assert.Matches("^evt_[0-9a-f]{32}$", (string)reported["id"]!);
        Assert.InRange((DateTimeOffset)reported["at"]!, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        var key = (string)(await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.Project}/api-keys"))["apiKeys"]![0]!["id"]!;
        reported.Remove("id");
        reported.Remove("at");
        Assert.Equal(
            $$"""{"type":"policy.blocked","project_id":"{{scene.Project}}","request_id":"told-in-the-test","key_id":"{{key}}","environment":"production","endpoint":"POST /v1/chat/completions","model":"gpt-4o","stage":"input","reasons":["rule.codes"],"rules":[{"id":"codes","kind":"words","action":"block","count":2,"where":"messages[0].content"},{"id":"mail","kind":"email","action":"monitor","count":1,"where":"messages[0].content"}]}""",
            Sorted(reported).ToJsonString());
    }

    [Fact]
    public async Task A_response_blocked_in_the_middle_of_its_stream_sends_an_event()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        var stream = await at.StreamedAsync(scene.Key, ["All is well. ", "A fal", "con"]);
        Assert.Contains("POLICY_VIOLATION", stream, StringComparison.Ordinal);

        var reported = await scene.NextAsync();
        Assert.Equal(("output", """["rule.codes"]""", """[{"id":"codes","kind":"words","action":"block","count":1,"where":null}]"""), ((string)reported["stage"]!, reported["reasons"]!.ToJsonString(), reported["rules"]!.ToJsonString()));
    }

    [Fact]
    public async Task A_blocked_document_sends_an_event()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        at.Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "A falcon.", 3, 1)));
        using var edgeResponse = await at.ChatAsync(scene.Key);

        Assert.Equal(403, (int)edgeResponse.StatusCode);
        Assert.Equal("output", (string)(await scene.NextAsync())["stage"]!);
    }

    [Fact]
    public async Task A_request_refused_as_unscanned_sends_an_event()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        using var response = await at.Edge.PostAsync(scene.Key, "/v1/batches", """{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h"}""");

        Assert.Equal(403, (int)response.StatusCode);
        var reported = await scene.NextAsync();
        Assert.Equal(("input", """["unscanned"]""", "[]", "POST /v1/*"), ((string)reported["stage"]!, reported["reasons"]!.ToJsonString(), reported["rules"]!.ToJsonString(), (string)reported["endpoint"]!));
        Assert.Null(reported["model"]);
    }

    [Fact]
    public async Task An_event_names_the_agent_but_not_a_model_name_with_a_finding()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        var agent = await at.Edge.CreateAgentAsync(scene.Project);
        var key = await at.Edge.CreateKeyAsync(scene.Project, "agent", more: new { agent_id = agent });
        using var response = await at.Edge.PostAsync(key, "/v1/chat/completions", WebhookScene.Chat("falcon").Replace("gpt-4o", "openai/alice@example.com", StringComparison.Ordinal));

        Assert.Equal(403, (int)response.StatusCode);
        var reported = await scene.NextAsync();
        Assert.Equal(agent, (string)reported["agent_id"]!);
        Assert.Null(reported["model"]);
        Assert.DoesNotContain("alice", reported.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_pass_fail_or_are_only_counted_send_no_event()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        await at.SentAsync(scene.Key, WebhookScene.Chat("alice@example.com"));
        at.Provider.Respond((_, response) => response.JsonAsync(400, """{"error":{"message":"no"}}"""));
        using (await at.ChatAsync(scene.Key))
        using (await at.Edge.PostAsync(scene.Key, "/v1/chat/completions", "{"))
        {
            await scene.BlockAsync();
        }

        Assert.Equal("""["rule.codes"]""", (await scene.NextAsync())["reasons"]!.ToJsonString());
        Assert.Single(scene.Receiver.Requests);
    }

    [Theory]
    [InlineData("Usage:Metering=false")]
    [InlineData("Usage:Durability=Answer")]
    public async Task An_event_is_sent_once_with_every_record_setting(string setting)
    {
        await using var other = new OtherEdge(setting);
        await other.InitializeAsync();
        await using var scene = await WebhookScene.CreateAsync(other);
        await scene.BlockAsync();
        await other.StreamedAsync(scene.Key, ["A falcon"]);

        string[] stages = [(string)(await scene.NextAsync())["stage"]!, (string)(await scene.NextAsync())["stage"]!];
        Assert.Equal(["input", "output"], stages);
        await other.Edge.Services.GetRequiredService<BlockEvents>().StopAsync(CancellationToken.None);
        Assert.Equal(2, scene.Receiver.Requests.Count);
    }

    // Sorts the rules by id, because an event lists them in the order of their findings.
    private static JsonObject Sorted(JsonObject reported)
    {
        var rules = reported["rules"]!.AsArray().Select(rule => rule!.DeepClone()).OrderBy(rule => (string)rule["id"]!, StringComparer.Ordinal).ToArray();
        reported["rules"] = new JsonArray(rules);
        return reported;
    }

    private sealed class OtherEdge(string setting) : PolicyEdge
    {
        protected override IEnumerable<string> Settings => [setting];
    }
}
