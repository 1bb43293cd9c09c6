using System.Text;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Tests.Bodies;

public class SystemTextTests
{
    [Theory]
    [InlineData("""{"messages":[{"role":"user"}]}""", """{"messages":[{"role":"system","content":"Be \"brief\""},{"role":"user"}]}""")]
    [InlineData("""{"messages":[]}""", """{"messages":[{"role":"system","content":"Be \"brief\""}]}""")]
    [InlineData("""{"messages":[{"role":"system","content":"a"}]}""", """{"messages":[{"role":"system","content":"Be \"brief\""}]}""")]
    [InlineData("""{"messages":[ {"role":"system"} , {"role":"user"} , {"content":[],"role":"developer"},{"x":"system"}, {"role":"SYSTEM"} ]}""",
        """{"messages":[{"role":"system","content":"Be \"brief\""}, {"role":"user"} , {"x":"system"} ]}""")]
    [InlineData("""{"messages":[{"role":"user"},{"r\u006fle":"\u0073ystem"},{"role":"system","role":"user"}],"x":1}""",
        """{"messages":[{"role":"system","content":"Be \"brief\""},{"role":"user"}],"x":1}""")]
    [InlineData("""{"messages":[{"role":"ſystem"},{"role":"\u017fy\u017ftem"},{"role":"ſyſtem","name":"\n"},{"role":"\u0073y\u017ftEm"},{"role":"ſ"},7]}""",
        """{"messages":[{"role":"system","content":"Be \"brief\""},{"role":"ſ"},7]}""")]
    public async Task All_system_messages_become_one(string original, string expected) =>
        Assert.Equal(expected, await ReplaceAsync(original, Operation.Chat, SystemPromptLocation.Messages));

    [Theory]
    [InlineData("""{}""", """{"instructions":"Be \"brief\""}""")]
    [InlineData("""{"instructions":null,"input":"hi"}""", """{"instructions":"Be \"brief\"","input":"hi"}""")]
    [InlineData("""{"input":[{"role":"developer","content":"x"},{"role":"user"}],"instructions":"a"}""", """{"input":[{"role":"user"}],"instructions":"Be \"brief\""}""")]
    public async Task Instructions_are_replaced_or_inserted(string original, string expected) =>
        Assert.Equal(expected, await ReplaceAsync(original, Operation.Responses, SystemPromptLocation.Instructions));

    [Theory]
    [InlineData("""{"messages":[{"role":"user"}]}""", """{"system":"Be \"brief\"","messages":[{"role":"user"}]}""")]
    [InlineData("""{"system":[{"type":"text","text":"a"}],"messages":[{"role":"system"},{"role":"user"}]}""", """{"system":"Be \"brief\"","messages":[{"role":"user"}]}""")]
    public async Task Anthropics_system_is_a_field(string original, string expected) =>
        Assert.Equal(expected, await ReplaceAsync(original, Operation.Other, SystemPromptLocation.Field));

    [Theory]
    [InlineData(SystemPromptLocation.Messages, "messages")]
    [InlineData(SystemPromptLocation.Instructions, "instructions")]
    [InlineData(SystemPromptLocation.Instructions, "input")]
    [InlineData(SystemPromptLocation.Field, "system")]
    [InlineData(SystemPromptLocation.Field, "messages")]
    public async Task A_repeated_field_that_would_be_replaced_is_refused(SystemPromptLocation place, string name)
    {
        using var content = await NativeNamesTests.ReadAsync($$"""{"{{name}}":[],"x":1,"{{name[0]}}\u{{(int)name[1]:x4}}{{name[2..]}}":null}""", Operation.Other, NotedFields.Conversation);
        var refusal = SystemText.Replace(content, place, "Be brief.");
        Assert.Equal((400, name, false), (refusal!.Status, refusal.Param, content.HasSystemText));
    }

    [Theory]
    [InlineData("model\u017f")]
    [InlineData("MODEL\\u017F")]
    public void Models_with_a_long_s_count_as_models_even_without_noted_fields(string name)
    {
        Assert.False(RequestScanner.TryScan(Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[],"{{name}}":["x"]}"""), Operation.Chat, NotedFields.None, out _, out var problem));
        Assert.Equal("models", problem.Param);
        Assert.True(RequestScanner.TryScan(Encoding.UTF8.GetBytes($$"""{"{{name}}":["x"]}"""), Operation.Other, NotedFields.None, out var scan, out _));
        Assert.True(scan.NamesOtherModels);
    }

    [Theory]
    [InlineData("wor\u212aflow")]
    [InlineData("fallbac\u212a\u017f")]
    [InlineData("preſet")]
    [InlineData("fallbac\\u212A_model\\u017f")]
    public void Other_names_of_models_with_odd_letters_count_too(string name)
    {
        Assert.True(RequestScanner.TryScan(Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[],"{{name}}":["x"]}"""), Operation.Chat, NotedFields.None, out var scan, out _));
        Assert.True(scan.NamesOtherModels);
    }

    [Theory]
    [InlineData("me\u017f\u017fages")]
    [InlineData("in\u017ftructions")]
    [InlineData("tool\\u017f")]
    [InlineData("TOOL\u017f")]
    [InlineData("\u017fy\u017ftem")]
    [InlineData("mcp_\u017fervers")]
    [InlineData("web_\u017fearch_options")]
    [InlineData("Background")]
    [InlineData("bac\u212aground")]
    [InlineData("Messages")]
    [InlineData("INSTRUCTIONS")]
    [InlineData("Tool\\u0073")]
    public void A_name_in_other_case_is_refused(string name)
    {
        Assert.False(RequestScanner.TryScan(Encoding.UTF8.GetBytes($"{{\"{name}\":[]}}"), Operation.Chat, NotedFields.Conversation | NotedFields.Tools, out _, out var problem));
        Assert.EndsWith("must be written in lower case.", problem.Message);
    }

    private static async Task<string> ReplaceAsync(string original, Operation operation, SystemPromptLocation place)
    {
        using var content = await NativeNamesTests.ReadAsync(original, operation, NotedFields.Conversation);
        var before = content.ReservedTokens;
        Assert.Null(SystemText.Replace(content, place, "Be \"brief\""));
        Assert.Equal(before + 4, content.ReservedTokens);
        return await NativeNamesTests.SentAsync(content);
    }
}
