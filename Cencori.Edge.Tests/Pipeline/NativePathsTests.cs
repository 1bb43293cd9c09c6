using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Permissions at the native endpoints, and errors for unknown native paths.</summary>
public sealed class NativePathsTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Pages = ["localhost"];

    [Theory]
    [InlineData("publishable", "chat", 200)]
    [InlineData("publishable", "completions", 200)]
    [InlineData("publishable", "embeddings", 200)]
    [InlineData("publishable", "images/generate", 403)]
    [InlineData("publishable", "moderation", 403)]
    [InlineData("publishable", "audio/speech", 403)]
    [InlineData("publishable", "audio/transcriptions", 403)]
    public async Task A_key_has_the_same_permissions_as_below_v1(string type, string path, int status)
    {
        var key = await scene.Edge.CreateKeyAsync(scene.ProjectId, type, more: new { allowed_domains = Pages });
        var body = path == "audio/transcriptions" ? Content("--b--\r\n", "multipart/form-data; boundary=b") : Content("""{"model":"gpt-4o","messages":[],"prompt":"x","input":"x"}""", "application/json");
        using var response = await scene.Edge.SendAsync(key, HttpMethod.Post, $"/api/ai/{path}", body, ("Origin", "http://localhost:3000"));

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 403)
        {
            var error = await Task.FromResult(response).FlatErrorAsync();
            Assert.Equal(("INSUFFICIENT_PERMISSIONS", "key_type"), (error.Code, error.Reason));
        }
    }

    [Theory]
    [InlineData("GET", "chat", "POST")]
    [InlineData("PUT", "embeddings", "POST")]
    [InlineData("DELETE", "audio/speech/", "POST, GET")]
    [InlineData("PATCH", "Images/Generate", "POST")]
    public async Task A_wrong_method_gives_a_flat_405_to_a_caller_with_a_key(string method, string path, string allowed)
    {
        var before = scene.Provider.Requests.Count;
        var error = await scene.Edge.SendAsync(scene.Key, new(method), $"/api/ai/{path}").FlatErrorAsync();
        var stranger = await scene.Edge.SendAsync(null, new(method), $"/api/ai/{path}").FlatErrorAsync();

        Assert.Equal((405, "METHOD_NOT_ALLOWED"), (error.Status, error.Code));
        Assert.Equal(allowed, string.Join(", ", error.Response.Content.Headers.Allow));
        Assert.Equal((401, "INVALID_API_KEY"), (stranger.Status, stranger.Code));
        Assert.Equal(before, scene.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("/api/ai")]
    [InlineData("/api/ai/vision/ocr")]
    [InlineData("/api/ai/chat/completions")]
    [InlineData("/api/ai/audio/voices")]
    public async Task An_unknown_path_gives_a_flat_404_that_lists_the_known_paths(string path)
    {
        var before = scene.Provider.Requests.Count;
        var error = await scene.Edge.PostAsync(scene.Key, path, """{"model":"gpt-4o"}""").FlatErrorAsync();
        var stranger = await scene.Edge.PostAsync(null, path, """{"model":"gpt-4o"}""").FlatErrorAsync();

        Assert.Equal((404, "NOT_FOUND"), (error.Status, error.Code));
        Assert.Contains("/api/ai/images/generate", error.Message, StringComparison.Ordinal);
        Assert.Equal((404, "NOT_FOUND"), (stranger.Status, stranger.Code));
        Assert.DoesNotContain("/api/ai", stranger.Message, StringComparison.Ordinal);
        Assert.Equal(before, scene.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("chat", """{"messages":[]}""")]
    [InlineData("images/generate", """{"prompt":"x"}""")]
    public async Task A_request_without_a_valid_key_gives_401(string path, string body)
    {
        var error = await scene.Edge.PostAsync(null, $"/api/ai/{path}", body).FlatErrorAsync();
        var wrong = await scene.Edge.PostAsync("csk_" + new string('0', 48), $"/api/ai/{path}", body).FlatErrorAsync();

        Assert.Equal((401, "INVALID_API_KEY", 401, "INVALID_API_KEY"), (error.Status, error.Code, wrong.Status, wrong.Code));
    }

    [Theory]
    [InlineData("speech", "tts-1", "whisper-1")]
    [InlineData("transcriptions", "whisper-1", "tts-1")]
    public async Task Audio_models_are_listed_to_callers_who_may_use_them(string path, string listed, string other)
    {
        using var response = await scene.Edge.SendAsync(scene.Key, HttpMethod.Get, $"/api/ai/audio/{path}");
        var list = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var publishable = await scene.Edge.CreateKeyAsync(scene.ProjectId, "publishable", more: new { allowed_domains = Pages });
        var refused = await scene.Edge.SendAsync(publishable, HttpMethod.Get, $"/api/ai/audio/{path}", null, ("Origin", "http://localhost")).FlatErrorAsync();
        var stranger = await scene.Edge.SendAsync(null, HttpMethod.Get, $"/api/ai/audio/{path}").FlatErrorAsync();

        var models = list["models"]!.AsArray().ToDictionary(model => (string)model!["id"]!, model => (string?)model!["provider"]);
        Assert.Equal("openai", models[listed]);
        Assert.DoesNotContain(other, models.Keys);
        Assert.DoesNotContain("gpt-4o", models.Keys);
        Assert.Equal(models.Keys, list["data"]!.AsArray().Select(model => (string)model!["id"]!));
        Assert.Equal((403, 401), (refused.Status, stranger.Status));
    }

    private static ByteArrayContent Content(string body, string type)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }
}
