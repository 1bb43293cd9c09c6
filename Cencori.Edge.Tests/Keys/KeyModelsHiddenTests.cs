using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Keys;

/// <summary>A key that is limited to some models must not get at others by hiding the model's name from the edge.</summary>
public class KeyModelsHiddenTests
{
    private static readonly string[] Allowed = ["gpt-4o"];

    private const string Forbidden = """{"model":"gpt-4.1","messages":[],"input":"x"}""";

    [Theory]
    [InlineData("/v1/responses", "text/plain", Forbidden, HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData("/v1/responses", "application/json", """{"prompt":{"id":"stored"}}""", HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS")]
    [InlineData("/v1/batches", "application/json", """{"input_file_id":"file-1"}""", HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS")]
    [InlineData("/v1/moderations", "text/plain", Forbidden, HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS")]
    [InlineData("/v1/chat//completions", "text/plain", Forbidden, HttpStatusCode.NotFound, "NOT_FOUND")]
    [InlineData("/v1/chat//completions", "application/json", Forbidden, HttpStatusCode.NotFound, "NOT_FOUND")]
    [InlineData("/v1/chat/completions", "application/json", """{"model":"gpt-4o","messages":[],"models":["gpt-4.1"]}""", HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS")]
    [InlineData("/v1/realtime?model=gpt-4.1", "application/sdp", "v=0", HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS")]
    [InlineData("/v1/chat/completions?model=gpt-4.1", "application/json", """{"model":"gpt-4o","messages":[]}""", HttpStatusCode.BadRequest, "INVALID_REQUEST")]
    [InlineData("/v1/videos", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4.1\r\n--b--\r\n", HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS")]
    public async Task A_model_that_is_hidden_or_not_named_is_refused(string path, string type, string body, HttpStatusCode status, string code)
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await LimitedKeyAsync(edge);

        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await edge.SendAsync(key, HttpMethod.Post, path, content);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]!["code"]);
        Assert.Empty(provider.Requests);
    }

    [Theory]
    [InlineData("GET", "/v1/files", null)]
    [InlineData("DELETE", "/v1/files/file-1", null)]
    [InlineData("POST", "/v1/batches/batch-1/cancel", null)]
    [InlineData("POST", "/v1/files", "anything")]
    [InlineData("POST", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    public async Task What_runs_no_other_model_passes(string method, string path, string? body)
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await LimitedKeyAsync(edge);

        using var answer = await edge.SendAsync(key, new HttpMethod(method), path, body is null ? null : RunningEdge.Json(body.StartsWith('{') ? body : "{}"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(provider.Requests);
    }

    private static async Task<string> LimitedKeyAsync(RunningEdge edge) =>
        await edge.CreateKeyAsync(await edge.CreateProjectAsync("openai"), more: new { allowed_models = Allowed });
}
