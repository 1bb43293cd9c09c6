using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;

namespace Cencori.Edge.Tests.Hostile;

/// <summary>Known attacks by callers, and by providers on their behalf: to crash the edge, falsify its records or fill its disk.</summary>
internal static class HostileInputs
{
    /// <summary>The status of an attack that gets no response.</summary>
    public const int None = 0;

    private const string Chat = "/v1/chat/completions";

    private static readonly byte[] Bomb = Gzip(60_000_000);

    /// <summary>One attack of each kind, with the pause before the attacker repeats it.</summary>
    public static IReadOnlyList<(string Name, TimeSpan Pause, Func<SoakEdge, int, Task<int>> DoAsync)> All { get; } =
    [
        ("a method of 7 kB that nobody has sent before", Milliseconds(20), (edge, number) => RawAsync(edge, $"M{number:x}{new string('X', 7_000)} {Chat} HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer {edge.HostileKey}\r\nContent-Length: 0\r\n\r\n")),
        ("a path that nobody has asked for before", Milliseconds(20), (edge, number) => RawAsync(edge, $"GET /v1/{number}{new string('p', 3_000)} HTTP/1.1\r\nHost: {number}.example\r\nAuthorization: Bearer {edge.HostileKey}\r\n\r\n")),
        ("a provider's route", Milliseconds(50), (edge, _) => RawAsync(edge, $"POST /.provider/openai/v1/chat/completions HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer {edge.HostileKey}\r\nContent-Length: 2\r\n\r\n{{}}")),
        ("a model that nobody has named before", Milliseconds(20), (edge, number) => PostAsync(edge, edge.HostileKey, Chat, $$"""{"model":"nobody-{{number}}{{new string('m', 150)}}","messages":[]}""")),
        ("a body that stalls", Milliseconds(300), StallAsync),
        ("a large body by a publishable key", Milliseconds(300), (edge, _) => PostAsync(edge, edge.PublishableKey, Chat, $$"""{"model":"gpt-4o","messages":[{"role":"user","content":"{{new string('x', 8_000_000)}}"}]}""", ("Origin", "https://app.example.com"))),
        ("a decompression bomb in gzip", Milliseconds(300), (edge, _) => SendAsync(edge, edge.HostileKey, Chat, Content(Bomb, "application/json", "gzip"))),
        ("another encoding each time", Milliseconds(50), (edge, number) => SendAsync(edge, edge.HostileKey, Chat, Content("{}"u8.ToArray(), "application/json", $"x{number}"))),
        ("half of a body in gzip", Milliseconds(50), (edge, number) => SendAsync(edge, edge.HostileKey, Chat, Content(Bomb[..(10 + (number % 1000))], "application/json", "gzip"))),
        ("dot segments to the administration", Milliseconds(50), (edge, _) => RawAsync(edge, "GET /x%2fy/../api/projects HTTP/1.1\r\nHost: e\r\n\r\n")),
        ("a wrong admin token", Milliseconds(50), (edge, number) => RawAsync(edge, $"GET /api/projects HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer wrong-{number}\r\nCENCORI_API_KEY: x\r\n\r\n", from: "127.0.0.2")),
        ("an unknown key", Milliseconds(10), (edge, number) => PostAsync(edge, "csk_" + number.ToString("x48", CultureInfo.InvariantCulture), Chat, "{}")),
        ("a foreign origin", Milliseconds(10), (edge, _) => PostAsync(edge, edge.PublishableKey, Chat, "{}", ("Origin", "https://evil.example"))),
        ("a model hidden in the query", Milliseconds(50), (edge, _) => SendAsync(edge, edge.LimitedKey, "/v1/images/generations?model=dall-e-2", Content("""{"model":"gpt-image-1","prompt":"x"}"""u8.ToArray(), "text/plain"))),
        ("a burst of the sandbox", Milliseconds(500), (edge, _) => PostAsync(edge, edge.HostileKey, "/v1/completions", $$"""{"model":"sandbox/burst-10000","prompt":[{{string.Join(',', Enumerable.Repeat("\"x\"", 16))}}]}""")),
        ("a header that is not ASCII", Milliseconds(50), (edge, _) => RawAsync(edge, $"POST {Chat} HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer {edge.HostileKey}\r\nUser-Agent: Zürich/1.0 灯台\r\nContent-Type: application/json\r\nContent-Length: 32\r\n\r\n{{\"model\":\"gpt-4o\",\"messages\":[]}}")),
        ("a stream that ends early", Milliseconds(50), (edge, _) => PostAsync(edge, edge.HostileKey, Chat, """{"model":"gpt-ends-early","stream":true,"messages":[]}""")),
        ("a stream that breaks", Milliseconds(50), (edge, _) => PostAsync(edge, edge.HostileKey, Chat, """{"model":"gpt-breaks","stream":true,"messages":[]}""")),
        ("a provider that forbids", Milliseconds(50), (edge, _) => PostAsync(edge, edge.HostileKey, Chat, """{"model":"gpt-forbids","messages":[]}""")),
        ("a provider that sends a page", Milliseconds(50), (edge, _) => PostAsync(edge, edge.HostileKey, Chat, """{"model":"gpt-page","messages":[]}""")),
        ("a provider that refuses connections", Milliseconds(50), (edge, _) => PostAsync(edge, edge.HostileKey, Chat, """{"model":"groq:llama-3.3-70b","messages":[]}""")),
        ("a caller who leaves", Milliseconds(50), LeaveAsync),
        ("a form with its file first", Milliseconds(500), (edge, _) => SendAsync(edge, edge.HostileKey, "/v1/audio/transcriptions", Form(5_000_000))),
        ("JSON of ten thousand levels", Milliseconds(100), (edge, _) => PostAsync(edge, edge.HostileKey, Chat, $$"""{"model":"gpt-4o","messages":{{new string('[', 10_000)}}""")),
        ("no HTTP at all", Milliseconds(50), (edge, number) => RawAsync(edge, $"\u0001\u0002{number}\r\n\r\n")),
    ];

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);

    private static Task<int> PostAsync(SoakEdge edge, string key, string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(edge, key, path, Content(Encoding.UTF8.GetBytes(body), "application/json"), headers);

    private static async Task<int> SendAsync(SoakEdge edge, string key, string path, HttpContent content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var status = (int)response.StatusCode;
        await response.Content.CopyToAsync(Stream.Null);
        return status;
    }

    private static async Task<int> RawAsync(SoakEdge edge, string request, string? from = null)
    {
        using var client = await RawClient.ConnectAsync(edge.Address, from);
        await client.SendAsync(request);
        return StatusOf(await client.ReadHeadAsync());
    }

    private static async Task<int> StallAsync(SoakEdge edge, int number)
    {
        using var client = await RawClient.ConnectAsync(edge.Address);
        await client.SendHeadAsync(edge.HostileKey, Chat, "application/json", "Content-Length: 4000000");
        await client.SendAsync("{\"model\":\"gpt-4o\",\"x\":\"" + new string('x', 2_000_000));
        await RealTime.PassesAsync(TimeSpan.FromSeconds(number % 10), "The body stalls.");
        return None;
    }

    private static async Task<int> LeaveAsync(SoakEdge edge, int number)
    {
        using var client = await RawClient.ConnectAsync(edge.Address);
        await client.PostAsync(edge.HostileKey, Chat, """{"model":"gpt-4o","stream":true,"messages":[]}""");
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(number % 5), "The caller disconnects at a different point of the response each time.");
        client.Reset();
        return None;
    }

    private static int StatusOf(string head) => int.Parse(head.AsSpan(head.IndexOf(' ', StringComparison.Ordinal) + 1, 3), CultureInfo.InvariantCulture);

    private static ByteArrayContent Content(byte[] body, string type, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    private static MultipartFormDataContent Form(int length) => new()
    {
        { new ByteArrayContent(new byte[length]), "file", "a.wav" },
        { new StringContent("gpt-forbids"), "model" },
    };

    private static byte[] Gzip(int length)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write("{\"model\":\"gpt-4o\",\"x\":\""u8);
            var text = Encoding.ASCII.GetBytes(new string('x', 1_000_000));
            for (var written = 0; written < length; written += text.Length)
            {
                gzip.Write(text);
            }

            gzip.Write("\"}"u8);
        }

        return packed.ToArray();
    }
}
