using System.Collections.Concurrent;
using System.Net;
using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Egress;

/// <summary>How often a webhook is tried, and the fault that is reported.</summary>
public sealed class SignedWebhookTests : IAsyncDisposable
{
    private readonly ScriptedProvider _receiver = new();
    private readonly WaitsClock _clock = new();
    private readonly SignedWebhook _webhook;

    public SignedWebhookTests() => _webhook = new SignedWebhook(new EgressGuard([IPNetwork.Parse("127.0.0.0/8")]), _clock);

    [Fact]
    public async Task A_message_is_retried_after_one_and_two_seconds_and_the_last_fault_is_reported()
    {
        foreach (var status in (int[])[500, 404, 503])
        {
            _receiver.Enqueue((_, response) => response.JsonAsync(status, "{}", ("Set-Cookie", "known=1")));
        }

        var sending = SendAsync(_receiver.Address);
        Assert.Equal(TimeSpan.FromSeconds(1), await _clock.PassNextAsync());
        Assert.Equal(TimeSpan.FromSeconds(2), await _clock.PassNextAsync());

        Assert.Equal("The webhook responded with 503.", await sending);
        Assert.Equal(3, _receiver.Requests.Count);
        Assert.All(_receiver.Requests, request => Assert.Equal(["application/json"], request.Values("Content-Type")));
        Assert.All(_receiver.Requests, request => Assert.Empty(request.Values("Cookie")));
        Assert.Single(_receiver.Requests.Select(request => request.BodyText).Distinct());
        Assert.Equal(3, _receiver.Requests.Select(request => request.Values("X-Cencori-Signature").Single()).Distinct().Count());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(299)]
    public async Task An_accepted_message_is_not_sent_again(int status)
    {
        _receiver.Enqueue((_, response) => response.JsonAsync(500, "{}"));
        _receiver.Enqueue((_, response) => response.JsonAsync(status, "{}"));
        var sending = SendAsync(_receiver.Address);
        await _clock.PassNextAsync();

        Assert.Null(await sending);
        Assert.Equal(2, _receiver.Requests.Count);
    }

    [Fact]
    public async Task An_unreachable_webhook_is_reported_as_such()
    {
        var sending = SendAsync(new Uri($"http://127.0.0.1:{LoopbackPort.Next()}"));
        await _clock.PassNextAsync();
        await _clock.PassNextAsync();

        Assert.Equal("The webhook cannot be reached.", await sending);
    }

    public async ValueTask DisposeAsync()
    {
        _webhook.Dispose();
        await _receiver.DisposeAsync();
    }

    private async Task<string?> SendAsync(Uri url) => (await _webhook.SendAsync(url, "a-secret-of-the-webhook", new BudgetAlert("p", null, 50, 5, 10, "2026-11"))).Fault;

    private sealed class WaitsClock : FakeTimeProvider
    {
        private readonly ConcurrentQueue<TimeSpan> _waits = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _waits.Enqueue(dueTime);
            return timer;
        }

        /// <summary>Waits until the webhook's sender starts its next wait, and advances the clock by the length of that wait.</summary>
        public async Task<TimeSpan> PassNextAsync()
        {
            TimeSpan wait = default;
            await Eventually.IsTrueAsync(() => _waits.TryDequeue(out wait));
            Advance(wait);
            return wait;
        }
    }
}
