using System.Text;
using System.Text.Json;
using Cencori.Edge.Prompts;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Tests.Prompts;

/// <summary>How a request names a prompt.</summary>
public sealed class PromptCallTests
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData(""" { "a" : "x" , "b":"" } """, "a=x,b=")]
    [InlineData("""{"a":1.50,"b":true,"c":false,"d":-3e2}""", "a=1.50,b=true,c=false,d=-3e2")]
    [InlineData("""{"a":"\u00e9\ud83d\ude00\"\\\n"}""", "a=é😀\"\\\n")]
    [InlineData("""{"\u0061":"x"}""", "a=x")]
    public void Values_come_as_JSON_in_a_header(string json, string expected)
    {
        var problem = PromptCall.Read(Headers("greeting", json), out var call);

        Assert.Null(problem);
        Assert.Equal(("greeting", "X-Cencori-Prompt", "X-Cencori-Prompt-Vars"), (call!.Name, call.NamePlace, call.ValuesPlace));
        Assert.Equal(expected, string.Join(',', call.Values.Select(value => $"{value.Key}={value.Value}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a=x")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"a\"")]
    [InlineData("""{"a":"x"} x""")]
    [InlineData("""{"a":"x"},{}""")]
    [InlineData("""{"a":"x",}""")]
    [InlineData("""{"a":"x" """)]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":{"b":"x"}}""")]
    [InlineData("""{"a":["x"]}""")]
    [InlineData("""{"a":"x","a":"x"}""")]
    [InlineData("""{"a":"x","\u0061":"y"}""")]
    [InlineData("""{"a":"\ud83d"}""")]
    [InlineData("""{"\ud83d":"x"}""")]
    [InlineData("""{"a":"é"}""")]
    [InlineData("""{'a':'x'}""")]
    [InlineData("{\"a\":\"\t\"}")]
    [InlineData("""{"a":NaN}""")]
    public void Other_values_are_refused_and_the_header_named(string json)
    {
        var problem = PromptCall.Read(Headers("greeting", json), out var call);

        Assert.Null(call);
        Assert.Equal("X-Cencori-Prompt-Vars", problem!.Param);
        Assert.StartsWith("X-Cencori-Prompt-Vars must be a JSON object", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repeated_empty_or_lone_header_is_refused()
    {
        Assert.Equal("X-Cencori-Prompt", PromptCall.Read(Headers(new(["a", "b"]), "{}"), out _)!.Param);
        Assert.Equal("X-Cencori-Prompt", PromptCall.Read(Headers("", "{}"), out _)!.Param);
        Assert.Equal("X-Cencori-Prompt", PromptCall.Read(Headers(" ", "{}"), out _)!.Param);
        Assert.Equal("X-Cencori-Prompt-Vars", PromptCall.Read(Headers("a", new(["{}", "{}"])), out _)!.Param);
        Assert.Equal("X-Cencori-Prompt-Vars", PromptCall.Read(Headers(default, "{}"), out _)!.Param);
        Assert.Null(PromptCall.Read(new HeaderDictionary(), out var none));
        Assert.Null(none);
    }

    [Fact]
    public void More_values_than_a_prompt_can_have_are_not_read()
    {
        Assert.Null(PromptCall.Read(Headers("a", Values(100)), out _));
        Assert.NotNull(PromptCall.Read(Headers("a", Values(101)), out _));

        static string Values(int count) => JsonSerializer.Serialize(Enumerable.Range(0, count).ToDictionary(number => $"n{number}", _ => "x"));
    }

    [Theory]
    [InlineData("""{"name":"greeting"}""", "")]
    [InlineData("""{"variables":{"a":"x","b":2},"name":"greeting"}""", "a=x,b=2")]
    [InlineData("""{"name":"greeting","variables":null}""", "")]
    [InlineData("""{"\u006eame":"greeting","variables":{"é":"😀"}}""", "é=😀")]
    public void A_body_can_name_a_prompt(string member, string expected)
    {
        Assert.Null(PromptCall.Read(Encoding.UTF8.GetBytes(member), out var call));

        Assert.Equal(("greeting", "prompt.name", "prompt.variables"), (call!.Name, call.NamePlace, call.ValuesPlace));
        Assert.Equal(expected, string.Join(',', call.Values.Select(value => $"{value.Key}={value.Value}")));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"Once upon a time\"")]
    [InlineData("""["a","b"]""")]
    [InlineData("""{"id":"pmpt_1","version":"2","variables":{"city":{"type":"input_text","text":"x"}}}""")]
    [InlineData("""{"variables":{"city":"Accra"},"id":"pmpt_1"}""")]
    public void A_providers_own_prompt_is_ignored(string member)
    {
        Assert.Null(PromptCall.Read(Encoding.UTF8.GetBytes(member), out var call));
        Assert.Null(call);
    }

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("""{"variables":{}}""", "prompt")]
    [InlineData("""{"name":""}""", "prompt")]
    [InlineData("""{"name":1}""", "prompt")]
    [InlineData("""{"name":null}""", "prompt")]
    [InlineData("""{"name":"a","name":"b"}""", "prompt")]
    [InlineData("""{"name":"a","variables":{},"variables":{}}""", "prompt")]
    [InlineData("""{"name":"a","version":2}""", "prompt")]
    [InlineData("""{"name":"a","id":"pmpt_1"}""", "prompt")]
    [InlineData("""{"name":"\ud83d"}""", "prompt")]
    [InlineData("""{"name":"a","variables":[]}""", "prompt.variables")]
    [InlineData("""{"name":"a","variables":{"b":null}}""", "prompt.variables")]
    [InlineData("""{"name":"a","variables":{"b":"x","b":"y"}}""", "prompt.variables")]
    public void An_invalid_prompt_member_is_refused(string member, string place)
    {
        var problem = PromptCall.Read(Encoding.UTF8.GetBytes(member), out var call);

        Assert.Null(call);
        Assert.Equal(place, problem!.Param);
    }

    [Fact]
    public void No_header_text_throws() =>
        Gen.OneOf(Gen.String, Gen.OneOfConst("{", "}", "\"", "a", ":", ",", "\\", "u00e9", "\\ud83d", "1", "tru", "é").Array[0, 12].Select(string.Concat)).Sample(json =>
        {
            var problem = PromptCall.Read(Headers("a", json), out var call);
            Assert.NotEqual(problem is null, call is null);
        });

    private static HeaderDictionary Headers(StringValues name, StringValues values)
    {
        var headers = new HeaderDictionary();
        if (name.Count > 0)
        {
            headers["X-Cencori-Prompt"] = name;
        }

        headers["X-Cencori-Prompt-Vars"] = values;
        return headers;
    }
}
