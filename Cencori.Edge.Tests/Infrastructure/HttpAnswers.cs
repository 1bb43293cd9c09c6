using System.Net;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>What tests read of an answer.</summary>
internal static class HttpAnswers
{
    /// <summary>The one value of a header; null where it is missing. Fails on more than one.</summary>
    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? Assert.Single(values) : null;

    /// <summary>The error of a nested body, after checking that the body has nothing beside it and every member OpenAI's SDKs read.</summary>
    public static async Task<JsonObject> ErrorAsync(this HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {text}");
        var error = Assert.Single(JsonNode.Parse(text)!.AsObject()).Value!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Take(4).Select(member => member.Key));
        Assert.Equal(code, (string?)error["code"]);
        Assert.NotEqual("", (string?)error["message"]);
        return error;
    }
}
