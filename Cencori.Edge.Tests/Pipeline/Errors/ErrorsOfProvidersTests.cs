using System.Globalization;
using System.Text;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>How a provider's own errors reach the caller.</summary>
public sealed class ErrorsOfProvidersTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    private const string Body = """{ "error" : {"message":"so says the provider — ünïcode","type":"x","param":"y","code":null}, "more":1 }""";

    [Theory]
    [InlineData(400)]
    [InlineData(402)]
    [InlineData(404)]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(413)]
    [InlineData(422)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(529)]
    public async Task A_providers_own_error_passes_with_status_and_body_unchanged(int status)
    {
        using var response = await RespondAsync(status, Body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(Encoding.UTF8.GetBytes(Body), await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.False(response.Headers.Contains("X-Cencori-Limited-By"));
        Assert.Single(response.Headers.GetValues("X-Request-Id"));
    }

    [Theory]
    [InlineData("000 Weird", "")]
    [InlineData("099 Weird", "")]
    [InlineData("204 No Content", "Content-Length: 5")]
    [InlineData("204 No Content", "Transfer-Encoding: chunked")]
    [InlineData("204 No Content", "Content-Length: five")]
    [InlineData("304 Not Modified", "")]
    [InlineData("304 Not Modified", "Content-Length: 5")]
    [InlineData("101 Switching Protocols", "")]
    [InlineData("101 Switching Protocols", "Connection: Upgrade\r\nUpgrade: websocket")]
    [InlineData("100 Continue", "")]
    [InlineData("150 Weird", "")]
    [InlineData("199 Weird", "Content-Length: 5")]
    [InlineData("205 Reset Content", "Content-Length: 5")]
    [InlineData("205 Reset Content", "Transfer-Encoding: chunked")]
    [InlineData("600 Weird", "Content-Length: 5")]
    [InlineData("999 Weird", "Content-Length: 5")]
    public async Task An_invalid_HTTP_response_gives_502(string status, string framing)
    {
        at.Provider.Enqueue(async (_, response) =>
        {
            await response.SendAsync($"HTTP/1.1 {status}\r\n{framing}{(framing.Length > 0 ? "\r\n" : "")}\r\nhello");
            await response.CloseAsync();
        });

        var (project, key) = await at.CreateAsync(new { });
        var error = await at.Edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat).NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_ERROR"), (error.Status, error.Code));
        var record = await at.Edge.RowAsync(row => row.ProjectId == project);
        Assert.Equal((502, RequestOutcome.Error, "PROVIDER_ERROR"), (record.Status, record.Outcome, record.ErrorCode));
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")]
    public async Task Interim_responses_are_skipped(string before)
    {
        at.Provider.Enqueue(async (_, response) =>
        {
            await response.SendAsync(before);
            await response.JsonAsync(200, "{}");
        });
        using var edgeResponse = await at.ChatAsync();

        Assert.Equal((200, "{}"), ((int)edgeResponse.StatusCode, await edgeResponse.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Chunks_override_a_wrong_Content_Length()
    {
        at.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "99"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("[1,2]");
            await response.EndChunksAsync();
            await response.CloseAsync();
        });
        var before = at.Edge.Logs.Lines.Count;
        using var edgeResponse = await at.ChatAsync();

        Assert.Equal("[1,2]", await edgeResponse.Content.ReadAsStringAsync());
        Assert.Empty(at.Edge.Logs.Faults(before));
    }

    [Theory]
    [InlineData("text/html", "Retry-After", "7", "7")]
    [InlineData("text/plain", "Retry-After", "0", "1")]
    [InlineData(null, "retry-after-ms", "1500.5", "2")]
    [InlineData("text/html", "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT", null)]
    [InlineData("text/html", "Retry-After", "soon, perhaps", null)]
    [InlineData("text/html", "Retry-After", "-1", null)]
    [InlineData("text/html", "Retry-After", "99999999999999999999", null)]
    [InlineData("text/html", "retry-after-ms", "NaN", null)]
    public async Task An_unavailable_provider_gives_503_with_its_Retry_After(string? type, string name, string value, string? wait)
    {
        (string, string)[] headers = type is null ? [(name, value)] : [(name, value), ("Content-Type", type)];
        var error = await RawAsync(503, "<html>Busy at 10.0.0.7</html>", headers).NestedErrorAsync();

        Assert.Equal((503, "PROVIDER_UNAVAILABLE", "api_error"), (error.Status, error.Code, error.Type));
        Assert.Equal(wait, error.Header("Retry-After"));
        Assert.DoesNotContain("10.0.0.7", error.Message, StringComparison.Ordinal);
        Assert.Null(error.Header("x-should-retry"));
    }

    [Fact]
    public async Task A_Retry_After_date_becomes_seconds()
    {
        var error = await RawAsync(503, "<html>", ("Content-Type", "text/html"), ("Retry-After", TimeProvider.System.GetUtcNow().AddSeconds(90).ToString("r", CultureInfo.InvariantCulture))).NestedErrorAsync();

        Assert.InRange(int.Parse(error.Header("Retry-After")!, CultureInfo.InvariantCulture), 60, 90);
    }

    [Theory] // field trap 21: none of these values may be parsed as a number and rewritten
    [InlineData("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")]
    [InlineData("Retry-After", "0.5")]
    [InlineData("Retry-After", "soon, perhaps")]
    [InlineData("Retry-After", "-1")]
    [InlineData("Retry-After", "99999999999999999999")]
    [InlineData("retry-after-ms", "120.75")]
    [InlineData("x-should-retry", "true")]
    public async Task A_providers_own_429_passes_with_its_Retry_After_and_names_the_provider_as_the_limiter(string name, string value)
    {
        using var response = await RespondAsync(429, Body, (name, value), ("x-ratelimit-reset-requests", "6m0s"), ("x-ratelimit-remaining-requests", "41"));

        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal(Encoding.UTF8.GetBytes(Body), await response.Content.ReadAsByteArrayAsync());
        Assert.Equal([value], response.Headers.NonValidated[name]);
        Assert.Equal(["provider"], response.Headers.GetValues("X-Cencori-Limited-By"));
        Assert.False(response.Headers.Contains("x-ratelimit-remaining-requests"));
    }

    [Fact] // field trap 15
    public async Task A_rejected_credential_gives_502_without_the_providers_message()
    {
        var before = at.Edge.Logs.Lines.Count;
        var error = await RespondAsync(401, $$$"""{"error":{"message":"Incorrect API key: {{{RunningEdge.ProviderKey}}}"}}""", ("Retry-After", "7"), ("x-should-retry", "true"), ("WWW-Authenticate", "Bearer")).NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_AUTH_FAILED", "api_error", null), (error.Status, error.Code, error.Type, error.Param));
        Assert.Equal("false", error.Header("x-should-retry"));
        Assert.Null(error.Header("Retry-After"));
        Assert.Null(error.Header("WWW-Authenticate"));
        Assert.Contains("openai", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Incorrect", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(RunningEdge.ProviderKey, error.Message, StringComparison.Ordinal);
        Assert.Contains(at.Edge.Logs.Lines.Skip(before), line => line.EventName == "CredentialRefused");
        Assert.All(at.Edge.Logs.Lines, line => Assert.DoesNotContain(RunningEdge.ProviderKey, line.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(500, "text/html")]
    [InlineData(502, "text/html; charset=utf-8")]
    [InlineData(504, null)]
    [InlineData(529, "text/html")]
    public async Task A_server_error_that_is_not_JSON_gives_502(int status, string? contentType)
    {
        var error = await RawAsync(status, "<html>Bad gateway at 10.0.0.7</html>", [("Retry-After", "7"), .. contentType is null ? [] : new[] { ("Content-Type", contentType) }]).NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_ERROR", "api_error"), (error.Status, error.Code, error.Type));
        Assert.Equal("7", error.Header("Retry-After"));
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.7", error.Message, StringComparison.Ordinal);
        Assert.Null(error.Header("x-should-retry"));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_gives_502_and_its_target_is_neither_passed_on_nor_followed(int status)
    {
        var before = at.Provider.Requests.Count;
        var error = await RawAsync(status, "", ("Location", new Uri(at.Provider.Address, "elsewhere").AbsoluteUri)).NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_ERROR"), (error.Status, error.Code));
        Assert.Null(error.Header("Location"));
        Assert.DoesNotContain("elsewhere", error.Message, StringComparison.Ordinal);
        Assert.Equal(before + 1, at.Provider.Requests.Count);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(429)]
    public async Task An_error_without_a_body_passes_without_a_body(int status)
    {
        using var response = await RawAsync(status, "");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(0, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_response_with_a_header_beyond_ASCII_passes()
    {
        using var latin = new HttpClient(new SocketsHttpHandler { ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1 }) { BaseAddress = at.Edge.Address };
        latin.DefaultRequestHeaders.Authorization = new("Bearer", at.Key);
        Enqueue(200, "{}", ("Content-Disposition", "attachment; filename=\"\u00fc.json\""));

        using var response = await latin.GetAsync("/v1/files/file-1/content");

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(["attachment; filename=\"\u00fc.json\""], response.Content.Headers.NonValidated["Content-Disposition"]);
        Assert.Equal("{}", await response.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> RespondAsync(int status, string body, params (string Name, string Value)[] headers) =>
        RawAsync(status, body, [("Content-Type", "application/json"), .. headers]);

    private Task<HttpResponseMessage> RawAsync(int status, string body, params (string Name, string Value)[] headers)
    {
        Enqueue(status, body, headers);
        return at.ChatAsync();
    }

    private void Enqueue(int status, string body, params (string Name, string Value)[] headers) => at.Provider.Enqueue(async (_, response) =>
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        await response.SendHeadAsync(status, [("Content-Length", bytes.Length.ToString(CultureInfo.InvariantCulture)), .. headers]);
        await response.SendAsync(bytes);
    });
}
