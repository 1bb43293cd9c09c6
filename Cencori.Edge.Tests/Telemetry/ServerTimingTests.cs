using System.Globalization;
using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Telemetry;

public sealed partial class ServerTimingTests(ScriptedEdge openai) : IClassFixture<ScriptedEdge>
{
    [Theory]
    [InlineData(true, "POST", "/v1/chat/completions", 200)]
    [InlineData(true, "GET", "/v1/models", 200)]
    [InlineData(true, "GET", "/nothing", 404)]
    [InlineData(false, "GET", "/v1/models", 401)]
    [InlineData(false, "GET", "/api/projects", 401)]
    [InlineData(false, "GET", "/health/live", 200)]
    public async Task Every_response_reports_the_edges_own_time(bool withKey, string method, string path, int status)
    {
        if (method == "POST")
        {
            openai.Provider.Enqueue((_, response) => response.JsonAsync(200, "{}", ("Server-Timing", "theirs;dur=1")));
        }

        using var edgeResponse = await openai.Edge.SendAsync(withKey ? openai.Key : null, new(method), path, method == "POST" ? RunningEdge.Json(ScriptedEdge.Chat) : null);

        Assert.Equal(status, (int)edgeResponse.StatusCode);
        Assert.True(Read(edgeResponse) >= 0);
    }

    [Fact]
    public async Task Waiting_for_the_provider_is_not_the_edges_time()
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await RealTime.PassesAsync(TimeSpan.FromSeconds(1), "The wait must be much longer than the edge's own time on a busy machine.");
            await response.SseAsync(["{}"]);
        });
        var started = TimeProvider.System.GetTimestamp();
        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.StreamedChat);
        var whole = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;

        Assert.InRange(Read(edgeResponse), 0, whole - 900);
    }

    [Fact]
    public async Task Waiting_for_a_provider_that_never_responds_is_not_the_edges_time()
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await RealTime.PassesAsync(TimeSpan.FromSeconds(1), "The wait must be much longer than the edge's own time on a busy machine.");
            await response.ResetAsync();
        });
        var started = TimeProvider.System.GetTimestamp();
        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.Chat);
        var whole = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;

        Assert.Equal(502, (int)edgeResponse.StatusCode);
        Assert.InRange(Read(edgeResponse), 0, whole - 900);
    }

    [Fact]
    public async Task Waiting_for_the_callers_body_is_not_the_edges_time()
    {
        // The key must be cached: until the edge waits for the body, the time is its own.
        using var known = await openai.Edge.SendAsync(openai.Key, HttpMethod.Get, "/v1/models");
        var started = TimeProvider.System.GetTimestamp();
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {openai.Key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{");
        await RealTime.PassesAsync(TimeSpan.FromSeconds(2), "The wait must be much longer than the edge's own time on a busy machine.");
        await client.SendAsync("}");
        var response = await client.ReadResponseAsync();
        var whole = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;

        Assert.InRange(Read(response.Headers["Server-Timing"]), 0, whole - 1_000);
    }

    private static double Read(HttpResponseMessage response) => Read(response.Headers.GetValues("Server-Timing"));

    private static double Read(IEnumerable<string> values)
    {
        var match = EdgeTiming().Match(Assert.Single(values));
        Assert.True(match.Success);
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^edge;dur=(\d+\.\d{3})$")]
    private static partial Regex EdgeTiming();
}
