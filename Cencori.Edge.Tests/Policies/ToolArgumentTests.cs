using System.Text.Json.Nodes;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Texts that are themselves JSON, such as the arguments of tools, and what only looks like it.</summary>
public sealed class ToolArgumentTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    /// <summary>A hit inside of a string needs no quotes, also if it looks like a value there.</summary>
    [Theory]
    [InlineData("My card: 4111111111111111, thanks", "My card: [CARD], thanks")]
    [InlineData("[4111111111111111, 5555555555554444]", "[[CARD], [CARD]]")]
    [InlineData("\"x\\\", \"y\": 4111111111111111}", "\"x\\\", \"y\": [CARD]}")]
    public async Task Masked_arguments_stay_valid_JSON_whatever_their_strings_look_like(string text, string masked)
    {
        var (_, key) = await at.CreateAsync("""{"name":"c","kind":"card","action":"mask","stage":"both"}""");
        var arguments = new JsonObject { ["a"] = text, ["b"] = "4111111111111111" }.ToJsonString()[..^1] + ",\"n\": 4111111111111111\n}";
        var message = new JsonObject { ["role"] = "assistant", ["tool_calls"] = new JsonArray(new JsonObject { ["id"] = "c", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "f", ["arguments"] = arguments } }) };
        var response = new JsonObject { ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message.DeepClone(), ["finish_reason"] = "tool_calls" }) }.ToJsonString();

        var sent = JsonNode.Parse(await at.SentAsync(key, new JsonObject { ["model"] = "gpt-4o", ["messages"] = new JsonArray(message) }.ToJsonString(), "/v1/chat/completions", response))!;
        Holds((string)sent["messages"]![0]!["tool_calls"]![0]!["function"]!["arguments"]!);

        using var answered = await at.ChatAsync(key);
        Holds((string)JsonNode.Parse(await answered.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!);

        foreach (var size in new[] { 1, 7, 200 })
        {
            var stream = await at.StreamedAsync(key, arguments.Chunk(size).Select(part => CallChunkOf(new string(part))), EndOf("tool_calls"));
            Holds(ArgumentsOf(stream));
        }

        void Holds(string found)
        {
            var read = JsonNode.Parse(found)!;
            Assert.Equal((masked, "[CARD]", "[CARD]"), ((string?)read["a"], (string?)read["b"], (string?)read["n"]));
        }
    }

    /// <summary>Only valid JSON has escapes of its own.</summary>
    [Theory]
    [InlineData("[CORP\\falcon]")]
    [InlineData("{see C:\\falcon}")]
    [InlineData("{\"p\":\"CORP\\\\falcon\"}")]
    public async Task Brackets_hide_no_letter_after_a_backslash(string text)
    {
        var (_, key) = await at.CreateAsync("""{"name":"w","kind":"words","words":["falcon"],"action":"block"}""");
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        using var refused = await at.ChatAsync(key, new JsonObject { ["model"] = "gpt-4o", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }) }.ToJsonString());
        Assert.Equal(403, (int)refused.StatusCode);
    }

    [Fact]
    public async Task The_streamed_input_of_a_custom_tool_is_free_text()
    {
        var (_, key) = await at.CreateAsync("""{"name":"p","kind":"pattern","pattern":"CORP.falcon","action":"mask","stage":"output"}""");
        string Event(string part) => $"data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":0,\"type\":\"custom\",\"custom\":{{\"input\":{System.Text.Json.JsonSerializer.Serialize(part)}}}}}]}},\"finish_reason\":null}}]}}\n\n";
        var stream = await at.StreamedAsync(key, [Event("[ -d CORP\\fal"), Event("con ] && a: CORP\\falcon")], EndOf("tool_calls"));
        Assert.Equal("[ -d [REDACTED] ] && a: [REDACTED]", string.Concat(Events(stream).Select(data => (string?)data["choices"]?[0]?["delta"]?["tool_calls"]?[0]?["custom"]?["input"])));
    }

    /// <summary>The n of a line break is no letter of a text.</summary>
    [Fact]
    public async Task Escapes_in_arguments_are_no_text()
    {
        var (_, key) = await at.CreateAsync("""{"name":"p","kind":"pattern","pattern":"\\b[A-Z]\\d{8}\\b","ignore_case":true,"action":"block"}""");
        var arguments = new JsonObject { ["rows"] = "id\n12345678\n" }.ToJsonString();
        var call = new JsonObject { ["id"] = "c", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "f", ["arguments"] = arguments } };
        var body = new JsonObject { ["model"] = "gpt-4o", ["messages"] = new JsonArray(new JsonObject { ["role"] = "assistant", ["tool_calls"] = new JsonArray(call) }) }.ToJsonString();
        Assert.Equal(body, await at.SentAsync(key, body));
        Assert.Equal(arguments, ArgumentsOf(await at.StreamedAsync(key, [CallChunkOf(arguments)], EndOf("tool_calls"))));

        // Behind the line break, the same text is found.
        using var behind = await at.ChatAsync(key, body.Replace("id\\\\n12345678", "id\\\\na12345678", StringComparison.Ordinal));
        Assert.Equal(403, (int)behind.StatusCode);
        using var refused = await at.ChatAsync(key, body.Replace("id\\\\n12345678", "a12345678", StringComparison.Ordinal));
        Assert.Equal(403, (int)refused.StatusCode);
    }

    [Theory]
    [InlineData("CORP\\sam")]
    [InlineData("CORP\\nathan")]
    [InlineData("CORP\\\"x")]
    public async Task A_value_with_a_backslash_is_restored_as_it_was(string value)
    {
        var (_, key) = await at.CreateAsync("""{"name":"p","kind":"pattern","pattern":"CORP.\"?\\w+","action":"tokenize"}""");
        var sent = await at.SentAsync(key, new JsonObject { ["model"] = "gpt-4o", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = value }) }.ToJsonString());
        var placeholder = (string)JsonNode.Parse(sent)!["messages"]![0]!["content"]!;
        Assert.Matches(@"^\[REDACTED_\w+\]$", placeholder);
        var arguments = new JsonArray(new JsonObject { ["n"] = placeholder }).ToJsonString();
        at.Provider.Respond((_, response) => response.JsonAsync(200, new JsonObject
        {
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = $"{{see {placeholder}}}", ["x"] = arguments }, ["finish_reason"] = "stop" }),
        }.ToJsonString()));
        using var answered = await at.ChatAsync(key, sent.Replace(placeholder, System.Text.Json.JsonSerializer.Serialize(value)[1..^1], StringComparison.Ordinal));
        var message = JsonNode.Parse(await answered.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!;
        Assert.Equal(($"{{see {value}}}", value), ((string?)message["content"], (string?)JsonNode.Parse((string)message["x"]!)![0]!["n"]));
    }
}
