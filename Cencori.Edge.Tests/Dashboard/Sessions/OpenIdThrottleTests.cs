using System.Net;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

/// <summary>Limits on requests to the sign-in provider that strangers can cause.</summary>
public sealed class OpenIdThrottleTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly OpenIdThrottle _throttle;

    public OpenIdThrottleTests() => _throttle = new(_clock);

    [Fact]
    public void An_address_without_successful_sign_ins_must_wait_and_others_do_not()
    {
        var (one, neighbour, other) = (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2"), IPAddress.Parse("192.0.2.1"));
        for (var count = 0; count < OpenIdThrottle.MaxPerAddress; count++)
        {
            Assert.Null(_throttle.Enter(one));
            _throttle.Leave(one, hasSucceeded: false);
        }

        Assert.Equal(OpenIdThrottle.Window, _throttle.Enter(neighbour)!.RetryAfter);
        Assert.Null(_throttle.Enter(other));
        _clock.Advance(OpenIdThrottle.Window);
        Assert.Null(_throttle.Enter(one));
    }

    [Fact]
    public void Successful_sign_ins_do_not_count_and_concurrent_ones_are_limited()
    {
        for (var count = 0; count < 10 * OpenIdThrottle.MaxPerAddress; count++)
        {
            Assert.Null(_throttle.Enter(IPAddress.Loopback));
            _throttle.Leave(IPAddress.Loopback, hasSucceeded: false);
            Assert.Null(_throttle.Enter(IPAddress.Loopback));
            _throttle.Leave(IPAddress.Loopback, hasSucceeded: true);
        }

        Assert.All(Enumerable.Range(0, OpenIdThrottle.MaxAtOnce), _ => Assert.Null(_throttle.Enter(IPAddress.Loopback)));
        Assert.NotNull(_throttle.Enter(IPAddress.Any));
        _throttle.Leave(IPAddress.Loopback, hasSucceeded: false);
        Assert.Null(_throttle.Enter(IPAddress.Any));
    }

    [Fact]
    public void The_owner_of_a_large_network_uses_up_only_its_own_counters()
    {
        var isRefused = false;
        for (var count = 0; count < 10_000 + OpenIdThrottle.MaxPerAddress + 1; count++)
        {
            var address = IPAddress.Parse($"2001:db8:1:{count:x}::1");
            isRefused = _throttle.Enter(address) is not null;
            if (!isRefused)
            {
                _throttle.Leave(address, hasSucceeded: false);
            }
        }

        Assert.True(isRefused);
        Assert.Null(_throttle.Enter(IPAddress.Parse("2001:db8:2::1")));
        Assert.Null(_throttle.Enter(IPAddress.Parse("192.0.2.1")));
        Assert.NotNull(_throttle.Enter(IPAddress.Parse("2001:db8:1:ffff::1")));
    }

    [Fact]
    public async Task Repeated_callbacks_are_refused_with_a_time_and_do_not_hide_token_guesses()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var edge = await RunningEdge.StartAsync(provider.Settings);
        using var client = new PageClient(edge.Address);
        for (var count = 0; count < OpenIdThrottle.MaxPerAddress; count++)
        {
            await client.GetAsync("/dashboard/sign-in/openid/callback?code=x");
        }

        await client.GetAsync("/dashboard/sign-in/openid/callback?code=x");
        Assert.Equal((HttpStatusCode.TooManyRequests, "Sign in"), (client.Response.StatusCode, client.Title));
        Assert.NotNull(client.Response.Headers.RetryAfter);
        await client.SubmitAsync("/dashboard/sign-in", ("token", "cadm_wrong"));

        var rows = (await edge.SendAdminAsync(HttpMethod.Get, "/api/audit?action=sign_in&limit=1000"))["entries"]!.ToJsonString();
        Assert.Contains("\"dashboard/openid\"", rows, StringComparison.Ordinal);
        Assert.Contains("\"administration\"", rows, StringComparison.Ordinal);
    }
}
