using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>What an answer of the edge's own says, in whichever of the two dialects.</summary>
public sealed record EdgeRefusal(int Status, string Code, string? Reason, string? Param, string Message)
{
    public static async Task<EdgeRefusal> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            var body = JsonNode.Parse(text)?.AsObject();
            var error = body?["error"] as JsonObject ?? body;
            Assert.True(error?["code"] is not null && error["message"] is not null, $"{(int)answer.StatusCode} {text}");
            return new(
                (int)answer.StatusCode, (string)error!["code"]!, (string?)error["reason"], (string?)error["param"], (string)error["message"]!);
        }
    }
}
