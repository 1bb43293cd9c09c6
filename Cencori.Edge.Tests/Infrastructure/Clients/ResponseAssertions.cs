using System.Net;
using System.Text.Json;

namespace Cencori.Edge.Tests.Infrastructure.Clients;

/// <summary>Reads responses in tests. Errors must come from the edge, with everything that the contract requires.</summary>
public static class ResponseAssertions
{
    /// <summary>The single value of a header. Null: missing. Fails if there are several.</summary>
    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? Assert.Single(values) : null;

    /// <summary>An error in OpenAI's nested dialect.</summary>
    public static async Task<ErrorResponse> NestedErrorAsync(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return Nested(response, await ReadAsync(response));
    }

    /// <summary>An error in the flat dialect of the native endpoints.</summary>
    public static async Task<ErrorResponse> FlatErrorAsync(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return Flat(response, await ReadAsync(response));
    }

    /// <summary>An error in either dialect.</summary>
    public static async Task<ErrorResponse> ErrorAsync(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return await response.ErrorAsync();
    }

    /// <inheritdoc cref="ErrorAsync(Task{HttpResponseMessage})"/>
    public static async Task<ErrorResponse> ErrorAsync(this HttpResponseMessage response)
    {
        var body = await ReadAsync(response);
        return body.GetProperty("error").ValueKind == JsonValueKind.Object ? Nested(response, body) : Flat(response, body);
    }

    /// <summary>An error in the nested dialect, with this status and code.</summary>
    public static async Task<ErrorResponse> ErrorAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var error = Nested(response, await ReadAsync(response));
        Assert.Equal((status, code), (response.StatusCode, error.Code));
        return error;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.False(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return JsonElement.Parse(text);
    }

    private static ErrorResponse Nested(HttpResponseMessage response, JsonElement body)
    {
        // Clients of Anthropic's API get an outer object around the error.
        var isAnthropics = body.TryGetProperty("type", out _);
        Assert.Equal(isAnthropics ? ["type", "error", "request_id"] : ["error"], body.EnumerateObject().Select(member => member.Name));
        var error = body.GetProperty("error");
        Assert.Equal(isAnthropics ? ["type", "message", "param", "code"] : ["message", "type", "param", "code"], error.EnumerateObject().Select(member => member.Name).Take(4));
        Assert.All(error.EnumerateObject().Skip(4), member => Assert.Contains(member.Name, (string[])["reason", "reasons"]));
        return Check(new(response, Text(error, "code")!, Text(error, "type"), null, Text(error, "message")!, Text(error, "param"), Text(error, "reason")));
    }

    private static ErrorResponse Flat(HttpResponseMessage response, JsonElement body)
    {
        Assert.Equal(["error", "message", "code"], body.EnumerateObject().Select(member => member.Name).Take(3));
        Assert.All(body.EnumerateObject().Skip(3), member => Assert.Contains(member.Name, (string[])["reason", "reasons", "param", "retry_after_ms"]));
        return Check(new(response, Text(body, "code")!, null, Text(body, "error"), Text(body, "message")!, Text(body, "param"), Text(body, "reason")));
    }

    private static ErrorResponse Check(ErrorResponse error)
    {
        Assert.NotEmpty(error.Code);
        Assert.NotEmpty(error.Message);
        Assert.NotNull(error.Header("X-Request-Id"));
        Assert.Equal("no-store", error.Header("Cache-Control"));
        return error;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
