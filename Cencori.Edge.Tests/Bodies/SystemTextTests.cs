using System.Text;
using Cencori.Edge.Bodies;
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
    [InlineData("""{"messages":[7,{"role":"system"}],"messages":[{"role":"system"}]}""",
        """{"messages":[{"role":"system","content":"Be \"brief\""},7],"messages":[{"role":"system","content":"Be \"brief\""}]}""")]
    public async Task The_messages_of_a_system_become_one(string original, string expected) =>
        Assert.Equal(expected, await ReplaceAsync(original, Operation.Chat, SystemPlace.Messages));

    [Theory]
    [InlineData("""{}""", """{"instructions":"Be \"brief\""}""")]
    [InlineData("""{"instructions":null,"input":"hi"}""", """{"instructions":"Be \"brief\"","input":"hi"}""")]
    [InlineData("""{"input":[{"role":"developer","content":"x"},{"role":"user"}],"instructions":"a","instructions":"b"}""",
        """{"input":[{"role":"user"}],"instructions":"Be \"brief\"","instructions":"Be \"brief\""}""")]
    public async Task Instructions_are_replaced_or_given(string original, string expected) =>
        Assert.Equal(expected, await ReplaceAsync(original, Operation.Responses, SystemPlace.Instructions));

    [Theory]
    [InlineData("""{"messages":[{"role":"user"}]}""", """{"system":"Be \"brief\"","messages":[{"role":"user"}]}""")]
    [InlineData("""{"system":[{"type":"text","text":"a"}],"messages":[{"role":"system"},{"role":"user"}]}""", """{"system":"Be \"brief\"","messages":[{"role":"user"}]}""")]
    public async Task Anthropics_system_is_a_field(string original, string expected) =>
        Assert.Equal(expected, await ReplaceAsync(original, Operation.Other, SystemPlace.Field));

    [Theory]
    [InlineData("Messages")]
    [InlineData("INSTRUCTIONS")]
    [InlineData("Tool\\u0073")]
    public void A_name_in_other_case_is_refused(string name)
    {
        Assert.False(RequestScanner.TryScan(Encoding.UTF8.GetBytes($"{{\"{name}\":[]}}"), Operation.Chat, NotedFields.Conversation, out _, out var problem));
        Assert.EndsWith("must be written in lower case.", problem.Message);
    }

    private static async Task<string> ReplaceAsync(string original, Operation operation, SystemPlace place)
    {
        using var content = await NativeNamesTests.ReadAsync(original, operation, NotedFields.Conversation);
        var before = content.ReservedTokens;
        SystemText.Replace(content, place, "Be \"brief\"");
        Assert.Equal(before + 4, content.ReservedTokens);
        return await NativeNamesTests.SentAsync(content);
    }
}
