using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Bodies;

public class NativeNamesTests
{
    [Theory]
    [InlineData("""{"maxTokens":5,"toolChoice":"auto","userId":"u","x":{"maxTokens":1}}""", """{"max_tokens":5,"tool_choice":"auto","user":"u","x":{"maxTokens":1}}""")]
    [InlineData("""{ "frequencyPenalty" : 1 , "presence\u0050enalty":2,"responseFormat":{"type":"json_object"},"max_tokens":3}""",
        """{ "frequency_penalty" : 1 , "presence_penalty":2,"response_format":{"type":"json_object"},"max_tokens":3}""")]
    [InlineData("""{"encodingFormat":"float","maxtokens":7}""", """{"encoding_format":"float","maxtokens":7}""")]
    public async Task Native_names_become_OpenAI_names_and_everything_else_stays(string original, string expected)
    {
        using var content = await ReadAsync(original, Operation.Chat, NotedFields.NativeNames);
        Assert.Equal(expected, await SentAsync(content));
    }

    [Theory]
    [InlineData("""{"maxTokens":5,"max_tokens":5}""", "maxTokens")]
    [InlineData("""{"user":"a","userId":"a"}""", "userId")]
    [InlineData("""{"maxTokens":-1}""", "max_tokens")]
    public void Both_spellings_in_one_body_or_an_invalid_value_are_refused(string body, string param)
    {
        Assert.False(RequestScanner.TryScan(Encoding.UTF8.GetBytes(body), Operation.Chat, NotedFields.NativeNames, out _, out var problem));
        Assert.Equal(param, problem.Param);
    }

    [Fact]
    public async Task A_token_limit_in_the_native_spelling_is_applied()
    {
        using var content = await ReadAsync("""{"maxTokens":7}""", Operation.Chat, NotedFields.NativeNames);
        Assert.Equal(7, content.OutputTokens);
    }

    internal static async Task<JsonContent> ReadAsync(string text, Operation operation, NotedFields fieldsToNote)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.True(RequestScanner.TryScan(bytes, operation, fieldsToNote, out var scan, out var problem), problem.Message);
        var body = await PooledBody.ReadAsync(new MemoryStream(bytes), bytes.Length, int.MaxValue, default);
        return new JsonContent(body!, scan, new("test", operation, ErrorDialect.OpenAI) { HasOutput = true, NeedsModel = true });
    }

    internal static async Task<string> SentAsync(JsonContent content, string? model = null) =>
        await content.Prepare(new DefaultHttpContext().Request, model, UsageOption.AsSent).ReadAsStringAsync();
}
