using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Dashboard;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>Few pages are rendered at once, and slow clients or servers do not block others.</summary>
public sealed class PageTurnsTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    [Fact]
    public async Task Slow_forms_block_nobody_and_time_out()
    {
        var slow = new List<RawClient>();
        for (var count = 0; count < PageTurns.MaxConcurrent + 4; count++)
        {
            slow.Add(await RawClient.ConnectAsync(scene.Edge));
            await slow[^1].SendAsync($"{Head("/dashboard/sign-in")}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ntoken=");
        }

        using var client = await PageClient.SignedInAsync(scene.Edge);
        await Eventually.IsTrueAsync(() =>
        {
            scene.Clock.Advance(FormCheck.Timeout);
            return Task.FromResult(slow.TrueForAll(one => one.HasResponse));
        });
        foreach (var one in slow)
        {
            Assert.StartsWith("HTTP/1.1 408", await one.ReadHeadAsync(), StringComparison.Ordinal);
            one.Dispose();
        }
    }

    [Fact]
    public async Task Large_forms_of_strangers_are_refused()
    {
        using var client = await RawClient.ConnectAsync(scene.Edge);
        await client.SendAsync($"{Head("/dashboard/sign-in")}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_person_cannot_take_all_turns()
    {
        using var turns = new PageTurns();
        var own = new List<PageTurn>();
        for (var count = 0; count < PageTurns.MaxConcurrentPerPerson; count++)
        {
            own.Add((await turns.TakeAsync("one", CancellationToken.None))!);
        }

        var waiting = turns.TakeAsync("one", CancellationToken.None);
        using var other = await turns.TakeAsync("other", CancellationToken.None);
        Assert.NotNull(other);
        Assert.False(waiting.IsCompleted);
        own[0].Dispose();
        own[0].Dispose();
        Assert.NotNull(await waiting);
        using var gone = new CancellationTokenSource();
        var given = turns.TakeAsync("one", gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        (await waiting)!.Dispose();
        own.ForEach(turn => turn.Dispose());
        for (var count = 0; count < PageTurns.MaxConcurrent - 1; count++)
        {
            Assert.NotNull(await turns.TakeAsync($"{count}", CancellationToken.None));
        }
    }

    [Fact]
    public void Routes_that_wait_for_other_servers_take_no_turn()
    {
        string[] waiting =
        [
            "/dashboard/signed-out", "/dashboard/no-access", "/dashboard/sign-in/openid", "/dashboard/sign-in/openid/callback", "/dashboard/p/{slug}/budget/test", "/dashboard/p/{slug}/budget/resend", "/dashboard/p/{slug}/policies/test", "/dashboard/p/{slug}/policies/webhook/test",
            "/dashboard/audit/verify", "/dashboard/audit/export", "/dashboard/p/{slug}/providers/test", "/dashboard/p/{slug}/playground/stream", "/dashboard/p/{slug}/logs-export",
        ];
        var marked = scene.Edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<LongResponseMetadata>() is not null).Select(route => route.RoutePattern.RawText).ToHashSet();
        Assert.Empty(waiting.Except(marked));
    }

    [Fact]
    [Trait(SlowestTests.Trait, "The test waits for a server that does not respond.")]
    public async Task A_silent_sign_in_provider_gets_one_shared_request_and_blocks_nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var edge = await RunningEdge.StartAsync(
            [$"Dashboard:OpenIdConnect:Authority=http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", "Dashboard:OpenIdConnect:ClientId=edge", "Dashboard:OpenIdConnect:ClientSecret=secret"],
            builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var begun = Enumerable.Range(0, OpenIdThrottle.MaxAtOnce).Select(async _ =>
        {
            using var client = new PageClient(edge.Address);
            await client.GetAsync("/dashboard/sign-in/openid");
            return (client.Response.StatusCode, client.Text.Contains("does not respond at the moment", StringComparison.Ordinal));
        }).ToList();
        using (var requested = await listener.AcceptSocketAsync().WaitAsync(Eventually.Timeout, TimeProvider.System))
        {
            using var client = await PageClient.SignedInAsync(edge);
            Assert.DoesNotContain(begun, one => one.IsCompleted);
        }

        Assert.All(await Task.WhenAll(begun), response => Assert.Equal((HttpStatusCode.ServiceUnavailable, true), response));
        using var again = new PageClient(edge.Address);
        await again.GetAsync("/dashboard/signed-out");
        await again.GetAsync("/dashboard/sign-in/openid");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, again.Response.StatusCode);
        Assert.False(listener.Pending());

        clock.Advance(OpenIdMetadata.Pause);
        var asking = again.GetAsync("/dashboard/sign-in/openid");
        (await listener.AcceptSocketAsync().WaitAsync(Eventually.Timeout, TimeProvider.System)).Dispose();
        await asking;
    }

    private string Head(string path) => $"POST {path} HTTP/1.1\r\nHost: {scene.Edge.Address.Authority}\r\nOrigin: {scene.Edge.Address.GetLeftPart(UriPartial.Authority)}\r\n";
}
