using Cencori.Edge.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>The time between the order to stop and the last request taken.</summary>
public class DrainTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task In_the_grace_an_edge_is_not_ready_serves_and_lets_go_of_its_connections()
    {
        await using var edge = await RunningEdge.StartAsync(["Drain:GraceSeconds=5"], Configure);
        using var before = await ModelsAsync(edge);
        Assert.Null(before.Headers.ConnectionClose);

        var stopping = edge.Services.GetRequiredService<IHost>().StopAsync();
        var draining = await HealthResponse.ReadAsync(edge);
        Assert.Equal((503, "not_ready", "draining", "ok"), (draining.Code, draining.Status, draining.Checks["drain"], draining.Checks["database"]));
        using var served = await ModelsAsync(edge);
        Assert.Equal((200, true), ((int)served.StatusCode, served.Headers.ConnectionClose));
        using var refused = await edge.Http.GetAsync("/v1/models");
        Assert.Equal((401, true), ((int)refused.StatusCode, refused.Headers.ConnectionClose));

        _clock.Advance(TimeSpan.FromSeconds(4.8));
        using var late = await ModelsAsync(edge);
        Assert.False(stopping.IsCompleted);

        await EndAsync(stopping);
        await Assert.ThrowsAsync<HttpRequestException>(() => edge.Http.GetAsync("/health/live"));
    }

    [Fact]
    public async Task A_connection_that_goes_on_after_its_response_is_announced_closed_and_closed()
    {
        await using var edge = await RunningEdge.StartAsync(["Drain:GraceSeconds=5"], Configure);
        using var client = await RawClient.ConnectAsync(edge);
        await client.SendAsync("GET /v1/health HTTP/1.1\r\nHost: edge\r\n\r\n");
        Assert.Empty((await client.ReadResponseAsync()).Headers["Connection"]);

        var stopping = edge.Services.GetRequiredService<IHost>().StopAsync();
        await client.SendAsync("GET /v1/health HTTP/1.1\r\nHost: edge\r\n\r\n");
        Assert.Equal(["close"], (await client.ReadResponseAsync()).Headers["Connection"]);
        Assert.True(await client.IsClosedAsync());

        await EndAsync(stopping);
    }

    [Fact]
    public async Task Two_lines_tell_of_the_drain_and_how_many_requests_were_open_and_cut()
    {
        await using var edge = await RunningEdge.StartAsync(["Drain:GraceSeconds=5", "Drain:TimeoutSeconds=7"], Configure);
        using var silent = await edge.PostAsync(edge.Welcome.TestKey, "/v1/chat/completions", """{"model":"sandbox/silent","stream":true,"messages":[{"role":"user","content":"hi"}]}""");

        var stopping = edge.Services.GetRequiredService<IHost>().StopAsync();
        await EndAsync(stopping);
        Assert.Contains("Requests open: 1.", Assert.Single(edge.Logs.Lines, line => line.EventName == "DrainBegins").Text, StringComparison.Ordinal);
        Assert.Contains("Requests cut: 1.", Assert.Single(edge.Logs.Lines, line => line.EventName == "DrainEnds").Text, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> ModelsAsync(RunningEdge edge) => edge.SendAsync(edge.Welcome.TestKey, HttpMethod.Get, "/v1/models");

    // Each of the waits begins a moment after the one before it has ended.
    private async Task EndAsync(Task stopping)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!stopping.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(10), "The next wait begins in its own time, and only then can its clock be moved.", limit.Token);
        }

        await stopping;
    }

    private void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(_clock);
}
