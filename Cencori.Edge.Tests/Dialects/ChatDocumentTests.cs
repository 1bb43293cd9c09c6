using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Tests.Bodies;
using CsCheck;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>Complete responses as sent by the native endpoint.</summary>
public sealed class ChatDocumentTests
{
    private const string Added = "\"finish_reason\":\"stop\",\"toolCalls\":null,\"cost_usd\":0.000125,\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}";

    private static readonly Gen<string> Space = Gen.OneOfConst("", "", " ", "\r\n\t");

    private static readonly Gen<string> Value = Gen.OneOf(SomeJson.Value, SomeJson.String, Gen.OneOfConst("null", "[]", "{}", "[{\"id\":\"a\",\"function\":{\"arguments\":\"}\\\"]\"}}]"));

    private static readonly Gen<string> Message = Members("content", "tool_calls", "role", "refusal", "reasoning_content", "x");

    private static readonly Gen<string> Choice = Gen.Select(Message, Members("finish_reason", "index", "logprobs"), Space, Gen.Bool).Select((message, others, space, isFirst) =>
        Joined(isFirst ? $"{space}\"message\"{space}:{space}{{{message}}}" : others, isFirst ? others : $"\"message\":{{{message}}}"));

    private static readonly Gen<string> Document = Gen.Select(
        Members("id", "usage", "provider", "content", "model", "toolCalls", "x"), Choice.Array[0, 3], Members("created", "cost_usd", "service_tier"), Space)
        .Select((before, choices, after, space) =>
            $"{space}{{{space}{Joined(before, Joined($"\"choices\"{space}:{space}[{string.Join(",", choices.Select(choice => $"{space}{{{choice}}}{space}"))}]", after))}{space}}}{space}");

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };

    [Theory]
    [InlineData("""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi \"é🙂\""},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""",
        """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi \"é🙂\""},"finish_reason":"stop"}],"content":"Hi \"é🙂\"","provider":"openai",""" + Added)]
    [InlineData("""{ "usage":{"total_tokens":12} , "provider" : "Google", "choices": [ {"message": {"content":null}, "finish_reason":"stop"}, {"message": {"content":"b"}, "finish_reason":"length"} ] }""",
        """{  "provider_of_provider" : "Google", "choices": [ {"message": {"content":null}, "finish_reason":"stop"}, {"message": {"content":"b"}, "finish_reason":"length"} ] ,"content":"","provider":"openai","finish_reason":"stop","toolCalls":null,"cost_usd":0.000125,"usage":{"total_tokens":12,"prompt_tokens":7,"completion_tokens":5}}""")]
    [InlineData("{}", """{"content":"","provider":"openai","finish_reason":null,"toolCalls":null,"cost_usd":0.000125,"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""")]
    [InlineData("{\"error\":{\"message\":\"gone\"}}", "{\"error\":{\"message\":\"gone\"},\"provider\":\"openai\",\"cost_usd\":0.000125,\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}")]
    [InlineData("{\"error\":null}", "{\"error\":null,\"content\":\"\",\"provider\":\"openai\",\"finish_reason\":null,\"toolCalls\":null,\"cost_usd\":0.000125,\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}")]
    [InlineData("{\"error\":\"late\",\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}", "{\"error\":\"late\",\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"content\":\"a\",\"provider\":\"openai\"," + Added)]
    [InlineData("[1]", "[1]")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("{\"a\":1,,", "{\"a\":1,,")]
    public void A_document_passes_with_added_members(string document, string expected) =>
        Assert.Equal(expected, NativeReading.Of(NativeShape.Chat, document, isEventStream: false).Text);

    [Fact]
    public void Calls_are_sent_under_both_names()
    {
        const string Calls = """[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""";
        var reported = JsonNode.Parse(NativeReading.Of(NativeShape.Chat, $$$"""{"choices":[{"message":{"content":null,"tool_calls":{{{Calls}}}},"finish_reason":"tool_calls"}]}""", isEventStream: false).Text)!;

        Assert.Equal((Calls, Calls), (reported["tool_calls"]!.ToJsonString(), reported["toolCalls"]!.ToJsonString()));
    }

    [Fact]
    public void A_document_cut_anywhere_has_the_provider_s_values_and_the_added_members() => Gen.Select(Document, Gen.Int[1, 40].Array[1, 8], Gen.Int[1, 300]).Sample((document, cuts, room) =>
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        var text = NativeReading.Of(NativeShape.Chat, bytes, isEventStream: false, room: room, cuts: cuts).Text;

        Assert.Equal(NativeReading.Of(NativeShape.Chat, bytes, isEventStream: false).Text, text);
        using var reported = JsonDocument.Parse(text, Options);
        using var given = JsonDocument.Parse(bytes, Options);
        var names = reported.RootElement.EnumerateObject().Select(member => member.Name).ToList();
        Assert.All((string[])["content", "provider", "finish_reason", "toolCalls", "cost_usd", "usage"], name => Assert.Single(names, name));
        foreach (var member in given.RootElement.EnumerateObject().Where(member => member.Name != "usage"))
        {
            var others = reported.RootElement.EnumerateObject().Where(other => other.Name == member.Name || other.Name == member.Name + "_of_provider");
            Assert.Contains(others, other => other.Value.GetRawText() == member.Value.GetRawText());
        }

        AssertFirst(reported.RootElement, given.RootElement);
    });

    private static void AssertFirst(JsonElement reported, JsonElement given)
    {
        var first = given.GetProperty("choices").EnumerateArray().FirstOrDefault();
        var message = first.ValueKind == JsonValueKind.Object && first.TryGetProperty("message", out var said) ? said : default;
        var content = message.ValueKind == JsonValueKind.Object && message.TryGetProperty("content", out var text) && text.ValueKind == JsonValueKind.String ? text.GetRawText() : "\"\"";
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("content", out var parts) || parts.ValueKind != JsonValueKind.Array)
        {
            Assert.Equal(content, reported.GetProperty("content").GetRawText());
        }

        var reason = first.ValueKind == JsonValueKind.Object && first.TryGetProperty("finish_reason", out var why) ? why.GetRawText() : "null";
        Assert.Equal(reason, reported.GetProperty("finish_reason").GetRawText());
        Assert.Equal("7", reported.GetProperty("usage").TryGetProperty("prompt_tokens", out var tokens) ? tokens.GetRawText() : "");
    }

    private static Gen<string> Members(params string[] names) =>
        Gen.Select(Gen.Shuffle(names), Gen.Int[0, names.Length], Value.Array[names.Length], Space).Select((shuffled, count, values, space) =>
            string.Join(',', shuffled.Take(count).Select((name, index) => $"{space}\"{name}\"{space}:{space}{values[index]}{space}")));

    private static string Joined(string before, string after) => before.Length == 0 ? after : after.Length == 0 ? before : $"{before},{after}";
}
