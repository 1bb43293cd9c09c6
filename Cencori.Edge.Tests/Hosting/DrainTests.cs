using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>The time between the order to stop and the last accepted request.</summary>
public class DrainTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task During_the_grace_an_edge_is_not_ready_but_serves_and_closes_connections()
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
    public async Task During_a_drain_a_keep_alive_connection_is_announced_closed_and_closed()
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
    public async Task An_idle_connection_may_stay_longer_than_load_balancers_keep_it_and_does_not_delay_a_stop()
    {
        await using var edge = await RunningEdge.StartAsync(["Drain:TimeoutSeconds=3600"]);
        Assert.Equal(TimeSpan.FromMinutes(20), edge.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.KeepAliveTimeout);
        using var used = await RawClient.ConnectAsync(edge);
        await used.SendAsync("GET /v1/health HTTP/1.1\r\nHost: edge\r\n\r\n");
        Assert.Empty((await used.ReadResponseAsync()).Headers["Connection"]);
        using var unused = await RawClient.ConnectAsync(edge);

        await edge.Services.GetRequiredService<IHost>().StopAsync().WaitAsync(Eventually.Timeout, TimeProvider.System);

        Assert.True(await used.IsClosedAsync());
        Assert.True(await unused.IsClosedAsync());
    }

    [Fact]
    public async Task Two_log_lines_report_the_drain_with_open_and_cut_requests()
    {
        await using var edge = await RunningEdge.StartAsync(["Drain:GraceSeconds=5", "Drain:TimeoutSeconds=7"], Configure);
        using var silent = await edge.PostAsync(edge.Welcome.TestKey, "/v1/chat/completions", """{"model":"sandbox/silent","stream":true,"messages":[{"role":"user","content":"hi"}]}""");

        var stopping = edge.Services.GetRequiredService<IHost>().StopAsync();
        await EndAsync(stopping);
        Assert.Contains("Open requests: 1.", Assert.Single(edge.Logs.Lines, line => line.EventName == "DrainBegins").Text, StringComparison.Ordinal);
        Assert.Contains("Requests cut: 1.", Assert.Single(edge.Logs.Lines, line => line.EventName == "DrainEnds").Text, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> ModelsAsync(RunningEdge edge) => edge.SendAsync(edge.Welcome.TestKey, HttpMethod.Get, "/v1/models");

    // Each wait starts a moment after the previous one has ended.
    private async Task EndAsync(Task stopping)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!stopping.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(10), "The next wait starts asynchronously, and only then can its clock be advanced.", limit.Token);
        }

        await stopping;
    }

    private void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(_clock);
}
