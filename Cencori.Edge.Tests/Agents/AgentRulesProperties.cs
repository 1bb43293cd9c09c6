using System.Text;
using System.Text.Json;
using Cencori.Edge.Agents;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Bodies;
using CsCheck;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Bodies that try to bypass the rules of an agent. A full parser checks the results.</summary>
public sealed class AgentRulesProperties
{
    private static readonly EdgeEndpoint Chat = new("test", Operation.Chat, ErrorDialect.OpenAI) { HasOutput = true, System = SystemPromptLocation.Messages };

    private static readonly Gen<string> Names = Gen.Frequency(
        (4, Gen.OneOfConst("search", "search", "delete", "web_search", "Search").SelectMany(SomeJson.Spelled)),
        (1, Gen.OneOfConst("\"\\ud800\"", "\"se\\udc00arch\"", "\"search\\ud83d\"", "\"\\ud800\\ud800\"")));

    private static readonly Gen<string> Function = List(Gen.Select(Gen.OneOfConst("name", "name", "Name", "description").SelectMany(SomeJson.Spelled), Names, Pair), '{', '}');

    private static readonly Gen<string> Tool = List(Gen.OneOf(
        Gen.Select(Gen.OneOfConst("type", "type", "TYPE").SelectMany(SomeJson.Spelled), Gen.OneOfConst("function", "function", "custom", "web_search", "mcp").SelectMany(SomeJson.Spelled), Pair),
        Gen.Select(Gen.OneOfConst("name", "Name").SelectMany(SomeJson.Spelled), Names, Pair),
        Gen.Select(Gen.OneOfConst("\"\\ud800\"", "\"typ\\udc00e\""), Names, Pair),
        Gen.Select(Gen.OneOfConst("function", "custom", "Function", "cu\u017ftom").SelectMany(SomeJson.Spelled), Function, Pair)), '{', '}');

    private static readonly Gen<string> Body = List(Gen.OneOf(
        Gen.Select(Gen.OneOfConst("tools", "tools", "functions", "Tools", "tool\u017f").SelectMany(SomeJson.Spelled), List(Tool, '[', ']'), Pair),
        Gen.Select(Gen.OneOfConst("temperature", "temperature", "TEMPERATURE").SelectMany(SomeJson.Spelled), Gen.OneOfConst("1.5", "null", "[2]", "\"2\""), Pair),
        Gen.Select(Gen.OneOfConst("x", "seed").SelectMany(SomeJson.Spelled), SomeJson.Value, Pair)), '{', '}');

    [Fact]
    public void No_forbidden_tool_passes_however_a_provider_parses_the_body() => Body.Sample(body =>
    {
        using var content = Read(body);
        if (content is null || AgentRules.Apply(AgentOf(tools: ["search"]), Chat, content) is not null)
        {
            return;
        }

        using var document = SomeJson.Parse(Encoding.UTF8.GetBytes(body));
        foreach (var list in document.RootElement.EnumerateObject().Where(property => property.Name.ToLowerInvariant().Replace('\u017f', 's') is "tools" or "functions"))
        {
            foreach (var tool in list.Value.EnumerateArray())
            {
                var all = tool.EnumerateObject().Concat(tool.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object).SelectMany(property => property.Value.EnumerateObject())).ToList();
                Assert.All(all.Where(property => property.Name.Equals("name", StringComparison.OrdinalIgnoreCase)), property => Assert.Equal("search", property.Value.GetString()));
                Assert.All(all.Where(property => property.Name.Equals("type", StringComparison.OrdinalIgnoreCase)), property => Assert.Contains(property.Value.GetString(), (string[])["function", "custom"]));
            }
        }
    }, iter: 5_000);

    [Fact]
    public void The_agents_temperature_replaces_every_other_and_the_rest_is_unchanged() => Body.Sample(body =>
    {
        using var content = Read(body);
        if (content is null)
        {
            return;
        }

        Assert.Null(AgentRules.Apply(AgentOf(temperature: 0.1), Chat, content));
        using var after = SomeJson.Parse(Encoding.UTF8.GetBytes(NativeNamesTests.SentAsync(content).GetAwaiter().GetResult()));
        using var before = SomeJson.Parse(Encoding.UTF8.GetBytes(body));
        var expected = before.RootElement.EnumerateObject().Select(property => (property.Name, property.Name == "temperature" ? "0.1" : property.Value.GetRawText())).ToList();
        if (!expected.Exists(property => property.Name == "temperature"))
        {
            expected.Insert(0, ("temperature", "0.1"));
        }

        Assert.Equal(expected, after.RootElement.EnumerateObject().Select(property => (property.Name, property.Value.GetRawText())));
    }, iter: 5_000);

    [Theory]
    [InlineData("""[{"type":"function","function":{"name":"\ud800"}}]""")]
    [InlineData("""[{"type":"function","function":{"name":"search","\udc00":1}}]""")]
    [InlineData("""[{"function":{"\ud83dx":1,"name":"search"}}]""")]
    [InlineData("""[{"type":"custom","cu\u017ftom":{"name":"delete"},"name":"search"}]""")]
    [InlineData("""[{"type":"custom","cuſtom":{"name":"delete"},"name":"search"}]""")]
    public void A_tool_that_cannot_be_read_is_refused(string tools)
    {
        using var content = Read($$"""{"model":"m","messages":[],"tools":{{tools}}}""");
        var refusal = AgentRules.Apply(AgentOf(tools: ["search"]), Chat, content!);
        Assert.Equal((400, "tools"), (refusal!.Status, refusal.Param));
    }

    [Fact]
    public void A_long_name_is_not_cut_in_the_middle_of_a_character()
    {
        using var content = Read($$"""{"model":"m","messages":[],"tools":[{"type":"{{new string('x', 63)}}🎈{{new string('x', 9)}}"}]}""");
        Assert.Contains(new string('x', 63) + "…", AgentRules.Apply(AgentOf(tools: []), Chat, content!)!.Message, StringComparison.Ordinal);
    }

    private static Agent AgentOf(List<string>? tools = null, double? temperature = null) =>
        new(new AgentRecord { Id = "agt_1", ProjectId = "p", Name = "a", CreatedAt = default, Tools = tools, Temperature = temperature });

    private static JsonContent? Read(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        if (!RequestScanner.TryScan(bytes, Operation.Chat, NotedFields.Conversation | NotedFields.Tools, out var scan, out _))
        {
            return null;
        }

        return new JsonContent(PooledBody.ReadAsync(new MemoryStream(bytes), bytes.Length, int.MaxValue, default).AsTask().GetAwaiter().GetResult()!, scan, Chat);
    }

    private static string Pair(string name, string value) => $"{name} :{value}";

    private static Gen<string> List(Gen<string> item, char open, char close) => item.Array[0, 4].Select(items => $"{open} {string.Join(" , ", items)}{close}");
}
