using System.Net.Http.Headers;
using System.Text.Json;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>An error as a client received it, held to what the contract says of every error.</summary>
public sealed record ErrorAnswer(int Status, string Code, string? Type, string? Title, string Message, string? Param, string? Reason, HttpResponseHeaders Headers)
{
    /// <summary>Reads OpenAI's nested dialect.</summary>
    public static async Task<ErrorAnswer> NestedAsync(Task<HttpResponseMessage> sending)
    {
        using var answer = await sending;
        var root = await ReadAsync(answer);
        Assert.Equal(["error"], root.EnumerateObject().Select(member => member.Name));
        var error = root.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(member => member.Name).Take(4));
        Assert.All(error.EnumerateObject().Skip(4), member => Assert.Equal("reason", member.Name));
        return Check(answer, new(
            (int)answer.StatusCode,
            error.GetProperty("code").GetString()!,
            error.GetProperty("type").GetString(),
            null,
            error.GetProperty("message").GetString()!,
            error.GetProperty("param").GetString(),
            Text(error, "reason"),
            answer.Headers));
    }

    /// <summary>Reads the flat dialect of the native doors.</summary>
    public static async Task<ErrorAnswer> FlatAsync(Task<HttpResponseMessage> sending)
    {
        using var answer = await sending;
        var root = await ReadAsync(answer);
        Assert.Equal(["error", "message", "code"], root.EnumerateObject().Select(member => member.Name).Take(3));
        Assert.All(root.EnumerateObject().Skip(3), member => Assert.Contains(member.Name, (string[])["reason", "param", "retry_after_ms"]));
        return Check(answer, new(
            (int)answer.StatusCode,
            root.GetProperty("code").GetString()!,
            null,
            root.GetProperty("error").GetString(),
            root.GetProperty("message").GetString()!,
            Text(root, "param"),
            Text(root, "reason"),
            answer.Headers));
    }

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join('|', values) : null;

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.False(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        return JsonElement.Parse(text);
    }

    private static ErrorAnswer Check(HttpResponseMessage answer, ErrorAnswer error)
    {
        Assert.NotEmpty(error.Message);
        Assert.Single(answer.Headers.GetValues("X-Request-Id"));
        Assert.Equal("no-store", error.Header("Cache-Control"));
        return error;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
