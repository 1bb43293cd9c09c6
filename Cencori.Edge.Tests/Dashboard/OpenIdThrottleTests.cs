using System.Net;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>What strangers make an edge ask its sign-in provider.</summary>
public sealed class OpenIdThrottleTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly OpenIdThrottle _throttle;

    public OpenIdThrottleTests() => _throttle = new(_clock);

    [Fact]
    public void An_address_that_never_comes_in_waits_and_others_do_not()
    {
        var (one, neighbour, other) = (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2"), IPAddress.Parse("192.0.2.1"));
        for (var count = 0; count < OpenIdThrottle.MaxOfOne; count++)
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
    public void Sign_ins_that_succeed_count_for_nothing_and_so_many_run_at_once()
    {
        for (var count = 0; count < 10 * OpenIdThrottle.MaxOfOne; count++)
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
    public void Whoever_owns_a_large_network_fills_only_that_one()
    {
        var isRefused = false;
        for (var count = 0; count < 10_000 + OpenIdThrottle.MaxOfOne + 1; count++)
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
    public async Task Who_repeats_callbacks_is_told_when_to_try_again_and_hides_no_guess_of_the_token()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var edge = await RunningEdge.StartAsync(provider.Settings);
        using var client = new PageClient(edge.Address);
        for (var count = 0; count < OpenIdThrottle.MaxOfOne; count++)
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
