using System.Net.WebSockets;
using System.Text;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>How WebSockets end, on either side.</summary>
public sealed class SocketEndTests
{
    // The documentation promises one second. A busy machine needs more, and without the announcement it would take 30 s.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("revoked", "closed 1008 INVALID_API_KEY")]
    [InlineData("rotated", "closed 1008 INVALID_API_KEY")]
    [InlineData("project deleted", "closed 1008 INVALID_API_KEY")]
    [InlineData("models", "closed 1008 INSUFFICIENT_PERMISSIONS")]
    [InlineData("tokens", "closed 1008 INSUFFICIENT_PERMISSIONS")]
    [InlineData("budget", "closed 1008 INSUFFICIENT_PERMISSIONS")]
    [InlineData("policies", "closed 1008 POLICY_VIOLATION")]
    [InlineData("networks", "closed 1008 INSUFFICIENT_PERMISSIONS")]
    [InlineData("networks of the project", "closed 1008 INSUFFICIENT_PERMISSIONS")]
    public async Task A_WebSocket_is_closed_when_its_caller_loses_the_permission(string change, string reported)
    {
        await using var scene = await SocketEdge.StartAsync();
        using var socket = await scene.ConnectAsync();
        await scene.SayAsync(socket, "hi");
        var project = $"/api/projects/{scene.ProjectId}";
        string[] models = ["gpt-realtime"];

        await (change switch
        {
            "revoked" => scene.Edge.SendAdminAsync(HttpMethod.Patch, $"{project}/api-keys/{scene.KeyId}", new { revoked = true }),
            "rotated" => scene.Edge.SendAdminAsync(HttpMethod.Post, $"{project}/api-keys/{scene.KeyId}/rotate", new { grace_period_hours = 0 }),
            "project deleted" => scene.Edge.SendAdminAsync(HttpMethod.Delete, project),
            "models" => scene.Edge.SendAdminAsync(HttpMethod.Patch, $"{project}/api-keys/{scene.KeyId}", new { allowed_models = models }),
            "networks" => scene.Edge.SendAdminAsync(HttpMethod.Patch, $"{project}/api-keys/{scene.KeyId}", """{"allowed_cidrs":["203.0.113.0/24"]}"""),
            "networks of the project" => scene.Edge.SendAdminAsync(HttpMethod.Put, $"{project}/networking", """{"access_mode":"restricted","allowed_cidrs":["203.0.113.0/24"]}"""),
            "policies" => scene.Edge.SendAdminAsync(HttpMethod.Put, $"{project}/policies", """{"rules":[{"name":"mail","kind":"email","action":"mask"}]}"""),
            "tokens" => scene.Edge.SetLimitsAsync(scene.ProjectId, new { tokens_per_minute = 1_000_000 }),
            _ => scene.Edge.SendAdminAsync(HttpMethod.Put, $"{project}/budget", new { monthly_budget_usd = 100, enforce = true }),
        });
        var changed = TimeProvider.System.GetTimestamp();

        Assert.Equal(reported, await scene.HearAsync(socket));
        Assert.True(TimeProvider.System.GetElapsedTime(changed) < Soon, $"After {TimeProvider.System.GetElapsedTime(changed)}.");
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, scene.Limit);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await (await scene.Provider.NextRequestAsync()).Ended.WaitAsync(scene.Limit));
        if (change != "project deleted")
        {
            var record = await scene.RecordAsync();
            Assert.Equal((101, change == "policies" ? RequestOutcome.Filtered : RequestOutcome.Error, reported.Split(' ')[2], null), (record.Status, record.Outcome, record.ErrorCode, record.CostUsd));
        }
    }

    [RedisFact]
    public async Task A_WebSocket_is_closed_after_a_revocation_on_another_edge()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var scene = await SocketEdge.StartAsync(settings: [$"Redis:Configuration={redis.Configuration}"]);
        await using var other = await RunningEdge.StartAsync([$"Redis:Configuration={redis.Configuration}"], dataDirectory: scene.Edge.DataDirectory);
        using var socket = await scene.ConnectAsync();
        await scene.SayAsync(socket, "hi");

        await other.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{scene.ProjectId}/api-keys/{scene.KeyId}", new { revoked = true });
        var revoked = TimeProvider.System.GetTimestamp();

        Assert.Equal("closed 1008 INVALID_API_KEY", await scene.HearAsync(socket));
        Assert.True(TimeProvider.System.GetElapsedTime(revoked) < Soon, $"After {TimeProvider.System.GetElapsedTime(revoked)}.");
    }

    [Fact]
    public async Task A_WebSocket_is_closed_when_its_key_expires()
    {
        var clock = new MovableClock();
        await using var scene = await SocketEdge.StartAsync(configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var (_, key) = await scene.CreateKeyAsync(new { expires_at = clock.GetUtcNow().AddHours(1) });
        using var socket = await scene.ConnectAsync(key);
        await scene.SayAsync(socket, "hi");
        clock.Ahead = TimeSpan.FromHours(1);
        var expired = TimeProvider.System.GetTimestamp();

        Assert.Equal("closed 1008 INVALID_API_KEY", await scene.HearAsync(socket));
        Assert.True(TimeProvider.System.GetElapsedTime(expired) < Soon, $"After {TimeProvider.System.GetElapsedTime(expired)}.");
    }

    [Fact]
    public async Task A_caller_that_ignores_the_close_frame_is_disconnected_and_its_later_messages_are_dropped()
    {
        await using var scene = await SocketEdge.StartAsync();
        var received = new List<string>();
        scene.Provider.Script = async (provider, context) =>
        {
            var buffer = new byte[1024];
            ValueWebSocketReceiveResult frame;
            while ((frame = await provider.ReceiveAsync(buffer.AsMemory(), context.RequestAborted)).MessageType != WebSocketMessageType.Close)
            {
                received.Add(Encoding.UTF8.GetString(buffer, 0, frame.Count));
            }
        };
        using var socket = await scene.ConnectAsync();
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{scene.ProjectId}/api-keys/{scene.KeyId}", new { revoked = true });
        Assert.Equal("closed 1008 INVALID_API_KEY", await scene.HearAsync(socket));

        await socket.SendAsync("too late"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, scene.Limit);

        Assert.Equal(RequestOutcome.Error, (await scene.RecordAsync()).Outcome);
        await (await scene.Provider.NextRequestAsync()).Ended.WaitAsync(scene.Limit);
        Assert.Empty(received);
    }

    [Fact]
    public async Task A_close_frame_waits_for_the_current_frame_and_comes_between_the_frames_of_a_message()
    {
        await using var scene = await SocketEdge.StartAsync();
        var begun = new TaskCompletionSource();
        scene.Provider.Script = async (provider, context) =>
        {
            await provider.SendAsync(new byte[10], WebSocketMessageType.Binary, endOfMessage: false, context.RequestAborted);
            begun.SetResult();
            while (true)
            {
                await provider.SendAsync(new byte[100_000], WebSocketMessageType.Binary, endOfMessage: false, context.RequestAborted);
            }
        };
        using var socket = await scene.ConnectAsync();
        await begun.Task.WaitAsync(scene.Limit);
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{scene.ProjectId}/api-keys/{scene.KeyId}", new { revoked = true });

        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult frame;
        while ((frame = await socket.ReceiveAsync(buffer.AsMemory(), scene.Limit)).MessageType != WebSocketMessageType.Close)
        {
            Assert.False(frame.EndOfMessage);
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Fact]
    public async Task A_caller_that_reads_nothing_is_disconnected()
    {
        await using var scene = await SocketEdge.StartAsync();
        await scene.Edge.SetLimitsAsync(scene.ProjectId, new { concurrent_requests = 1 });
        var full = new TaskCompletionSource();
        scene.Provider.Script = async (provider, context) =>
        {
            while (true)
            {
                var sending = provider.SendAsync(new byte[1_000_000], WebSocketMessageType.Binary, endOfMessage: true, context.RequestAborted);
                if (await Task.WhenAny(sending, RealTime.PassesAsync(TimeSpan.FromMilliseconds(300), "Only a write that stays pending shows that the buffers are full.")) != sending)
                {
                    full.TrySetResult();
                }

                await sending;
            }
        };
        using var socket = await scene.ConnectAsync();
        await full.Task.WaitAsync(scene.Limit);

        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{scene.ProjectId}/api-keys/{scene.KeyId}", new { revoked = true });

        Assert.Equal((RequestOutcome.Error, "INVALID_API_KEY"), ((await scene.RecordAsync()).Outcome, (await scene.RecordAsync()).ErrorCode));
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await scene.Provider.NextRequestAsync()).Ended.WaitAsync(scene.Limit));
    }

    [Fact]
    public async Task A_drain_closes_WebSockets_and_does_not_wait_for_them()
    {
        await using var scene = await SocketEdge.StartAsync(settings: ["Drain:TimeoutSeconds=120"]);
        using var first = await scene.ConnectAsync();
        using var second = await scene.ConnectAsync();
        await scene.SayAsync(first, "hi");
        var began = TimeProvider.System.GetTimestamp();

        var stopping = scene.Edge.Services.GetRequiredService<IHost>().StopAsync(scene.Limit);

        Assert.Equal("closed 1001 ", await scene.HearAsync(first));
        await first.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, scene.Limit);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await (await scene.Provider.NextRequestAsync()).Ended.WaitAsync(scene.Limit));
        await stopping;
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(40), $"It took {TimeProvider.System.GetElapsedTime(began)}.");
        Assert.Contains("Requests cut: 0.", Assert.Single(scene.Edge.Logs.Lines, line => line.EventName == "DrainEnds").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(4001)]
    public async Task The_providers_close_frame_reaches_the_caller_and_the_record_is_a_success(int code)
    {
        await using var scene = await SocketEdge.StartAsync();
        scene.Provider.Script = (provider, context) => provider.CloseAsync((WebSocketCloseStatus)code, "enough", context.RequestAborted);
        using var socket = await scene.ConnectAsync();

        Assert.Equal($"closed {code} enough", await scene.HearAsync(socket));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, scene.Limit);
        Assert.Equal((RequestOutcome.Success, null), ((await scene.RecordAsync()).Outcome, (await scene.RecordAsync()).ErrorCode));
    }

    [Fact]
    public async Task A_provider_that_breaks_off_is_an_error_and_the_caller_gets_a_close_frame()
    {
        await using var scene = await SocketEdge.StartAsync();
        scene.Provider.Script = async (provider, context) =>
        {
            await provider.ReceiveAsync(new byte[10].AsMemory(), context.RequestAborted);
            context.Abort();
        };
        using var socket = await scene.ConnectAsync();

        Assert.Equal("closed 1011 PROVIDER_ERROR", await scene.SayAsync(socket, "hi"));
        var record = await scene.RecordAsync();
        Assert.Equal((101, RequestOutcome.Error, "PROVIDER_ERROR", null), (record.Status, record.Outcome, record.ErrorCode, record.CostUsd));
        Assert.Equal("failed", Assert.Single(record.Attempts!).Outcome);
    }

    [Fact]
    public async Task A_silent_provider_gives_PROVIDER_TIMEOUT()
    {
        await using var scene = await SocketEdge.StartAsync(settings: ["ReverseProxy:Clusters:openai:HttpRequest:ActivityTimeout=00:00:02"]);
        using var socket = await scene.ConnectAsync();

        Assert.Equal("closed 1011 PROVIDER_TIMEOUT", await scene.HearAsync(socket));
        Assert.Equal((RequestOutcome.Error, "PROVIDER_TIMEOUT"), ((await scene.RecordAsync()).Outcome, (await scene.RecordAsync()).ErrorCode));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_disconnects_without_a_close_frame_is_recorded_as_cancelled_and_the_provider_is_disconnected(bool withReset)
    {
        await using var scene = await SocketEdge.StartAsync();
        var client = await RawClient.ConnectAsync(scene.Edge);
        await client.SendAsync($"GET /v1/realtime HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {scene.Key}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);

        if (withReset)
        {
            client.Reset();
        }
        else
        {
            client.Dispose();
        }

        await Assert.ThrowsAnyAsync<Exception>(async () => await (await scene.Provider.NextRequestAsync()).Ended.WaitAsync(scene.Limit));
        Assert.Equal((101, RequestOutcome.Cancelled), ((await scene.RecordAsync()).Status, (await scene.RecordAsync()).Outcome));
    }
}
