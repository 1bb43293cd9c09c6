using System.Net;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Providers.Sandbox;

namespace Cencori.Edge.Tests.Providers.Sandbox;

/// <summary>Calls the sandbox as a forwarder does: without buffering, reading the body as it arrives.</summary>
internal sealed class SandboxCalls(TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(new SandboxHandler(time));

    public SandboxCalls()
        : this(TimeProvider.System)
    {
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(method, $"http://sandbox.invalid{path}");
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return _invoker.SendAsync(request, cancellationToken);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string body, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, path, body, cancellationToken);

    public async Task<JsonElement> PostJsonAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonElement.Parse(text);
    }

    /// <summary>Returns the <c>error</c> object, after checking the status and that all four fields exist.</summary>
    public async Task<JsonElement> PostRefusedAsync(string path, string body, HttpStatusCode expected = HttpStatusCode.BadRequest)
    {
        using var response = await PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, text);
        var error = JsonElement.Parse(text).GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(property => property.Name));
        return error;
    }

    public async Task<string> PostTextAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>The data of every event of a stream, without <c>[DONE]</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> PostStreamAsync(string path, string body) =>
        [.. Data(await PostTextAsync(path, body)).Where(data => data != "[DONE]").Select(data => JsonElement.Parse(data))];

    public static IEnumerable<string> Data(string stream) =>
        stream.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..]);

    public void Dispose() => _invoker.Dispose();
}
