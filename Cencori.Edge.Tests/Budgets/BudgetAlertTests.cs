using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>The alerts that an operator gets before a budget is used up.</summary>
public sealed class BudgetAlertTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly int[] Thresholds = [50, 80, 100];

    private readonly ScriptedProvider _receiver = new();
    private EdgeOfBudgets _edge = null!;

    public async Task InitializeAsync()
    {
        _receiver.Respond((_, response) => response.JsonAsync(200, "{}"));
        _edge = await EdgeOfBudgets.StartAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Each_threshold_is_reported_once_in_the_log_and_to_the_webhook()
    {
        await SpendAsync(4.99m);
        Assert.Empty(Reached());
        await SpendAsync(0.01m);
        var first = await _receiver.NextRequestAsync();
        Assert.Equal(("POST", "/hook?a=b"), (first.Method, first.Target));
        Assert.Equal(
            """{"project_id":"p","key_id":null,"threshold":50,"spend_usd":5,"budget_usd":10,"month":"2026-11"}""",
            first.BodyText);

        await SpendAsync(0.1m);
        await SpendAsync(4.9m);
        int[] others = [ThresholdOf(await _receiver.NextRequestAsync()), ThresholdOf(await _receiver.NextRequestAsync())];
        Assert.Equal([80, 100], others.Order());
        await Eventually.IsTrueAsync(() => Reached().Count == 3);
        Assert.Equal(3, _receiver.Requests.Count);
    }

    [Theory]
    [InlineData("key_1", "\"key_id\":\"key_1\"", "")]
    [InlineData("agt_1", "\"key_id\":null", ",\"agent_id\":\"agt_1\"")]
    public async Task The_alert_names_the_key_or_the_agent_of_the_budget(string of, string key, string agent)
    {
        _edge.End(await _edge.TryReserveAsync(null, 5, Budget(), of), 5);
        Assert.Equal($$"""{"project_id":"p",{{key}},"threshold":50,"spend_usd":5,"budget_usd":10,"month":"2026-11"{{agent}}}""", (await _receiver.NextRequestAsync()).BodyText);
    }

    [Fact]
    public async Task Spend_from_before_the_budget_is_reported_as_soon_as_it_is_read()
    {
        _edge.Records.Spent = 6;
        Assert.NotNull(await _edge.TryReserveAsync(Budget(), 0));
        Assert.Equal(50, ThresholdOf(await _receiver.NextRequestAsync()));
    }

    [Fact]
    public async Task The_signature_is_an_HMAC_of_the_time_and_the_body()
    {
        await SpendAsync(5);
        var request = await _receiver.NextRequestAsync();
        var parts = Assert.Single(request.Values("X-Cencori-Signature")).Split(',');
        var time = parts[0]["t=".Length..];

        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(long.Parse(time, CultureInfo.InvariantCulture)), TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow());
        Assert.Equal("v1=" + Convert.ToHexStringLower(HMACSHA256.HashData("a-secret-of-the-webhook"u8, Encoding.UTF8.GetBytes($"{time}.{request.BodyText}"))), parts[1]);
        Assert.DoesNotContain("a-secret-of-the-webhook", request.HeadText + request.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_does_not_accept_an_alert_is_tried_three_times_and_redirects_are_not_followed()
    {
        _receiver.Respond((_, response) => response.JsonAsync(307, "{}", ("Location", "/elsewhere")));
        await SpendAsync(5);
        await Eventually.IsTrueAsync(() => _edge.Logs.Lines.Any(line => line.EventName == "BudgetAlertNotDelivered"));

        Assert.Equal(["/hook?a=b", "/hook?a=b", "/hook?a=b"], _receiver.Requests.Select(request => request.Target));
        Assert.DoesNotContain(_edge.Logs.Lines, line => line.Text.Contains("hook", StringComparison.Ordinal) && line.Text.Contains("?a=b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_makes_the_current_attempt_the_last_one_and_its_result_is_stored()
    {
        var stopped = new TaskCompletionSource();
        _receiver.Respond(async (_, response) =>
        {
            await response.HoldAsync(stopped.Task);
            await response.JsonAsync(500, "{}");
        });
        await SpendAsync(5);
        await _receiver.NextRequestAsync();
        _edge.Alerts.Stop();
        stopped.SetResult();
        await Eventually.IsTrueAsync(() => !_edge.Alerts.AreRunning);

        var delivery = Assert.Single(await DeliveriesAsync());
        Assert.Equal(1, delivery.Attempts);
        Assert.NotNull(delivery.Fault);
        Assert.Single(_receiver.Requests);
    }

    [Fact]
    public async Task An_alert_sent_before_a_restart_is_not_sent_again()
    {
        await SpendAsync(5);
        await _receiver.NextRequestAsync();
        await Eventually.IsTrueAsync(() => Reached().Count == 1);

        // A later version of the budget clears what this edge remembers, as a restart does.
        _edge.End(await _edge.TryReserveAsync(Budget(version: 2), 3), 3);
        Assert.Equal(80, ThresholdOf(await _receiver.NextRequestAsync()));
        await Eventually.IsTrueAsync(() => Reached().Count == 2);
        Assert.Equal(2, _receiver.Requests.Count);
    }

    [Fact]
    public async Task A_threshold_is_reported_again_after_the_amount_has_changed()
    {
        await SpendAsync(5);
        await _receiver.NextRequestAsync();
        await Eventually.IsTrueAsync(async () => (await DeliveriesAsync()).Count == 1);

        // The change of the amount deletes what the edges have claimed.
        await using (var database = _edge.Database.CreateDbContext())
        {
            await database.BudgetAlerts.ExecuteDeleteAsync();
        }

        _edge.End(await _edge.TryReserveAsync(Budget(version: 2, usd: 20), 5), 5);
        Assert.Contains("\"threshold\":50,\"spend_usd\":10,\"budget_usd\":20", (await _receiver.NextRequestAsync()).BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_whose_result_cannot_be_stored_is_not_sent_again_and_the_log_says_so()
    {
        _edge.Database.Outages.Enqueue(false);
        _edge.Database.Outages.Enqueue(true);
        await SpendAsync(5);
        Assert.Equal(50, ThresholdOf(await _receiver.NextRequestAsync()));
        await Eventually.IsTrueAsync(() => _edge.Logs.Lines.Any(line => line.EventName == "BudgetAlertNotNoted"));
        var warning = _edge.Logs.Lines.Single(line => line.EventName == "BudgetAlertNotNoted");
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.StartsWith("Project p: the result of the alert for 50 % of a budget could not be stored.", warning.Text, StringComparison.Ordinal);

        await SpendAsync(3);
        Assert.Equal(80, ThresholdOf(await _receiver.NextRequestAsync()));
        await Eventually.IsTrueAsync(async () => (await DeliveriesAsync()).Count == 1);
        var noted = Assert.Single(await DeliveriesAsync());
        Assert.Equal((80, 1, (int?)200), (noted.Threshold, noted.Attempts, noted.Status));
        Assert.Equal(2, _receiver.Requests.Count);
    }

    [Fact]
    public async Task A_webhook_at_a_forbidden_address_is_not_called_and_the_fault_says_why()
    {
        var clock = new FakeTimeProvider();
        using var webhook = new SignedWebhook(new EgressGuard([]), clock);
        var sending = webhook.SendAsync(_receiver.Address, "a-secret-of-the-webhook", new BudgetAlert("p", null, 50, 5, 10, "2026-11"));
        await Eventually.IsTrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return sending.IsCompleted;
        });

        Assert.Contains("Egress:AllowedNetworks", (await sending).Fault!, StringComparison.Ordinal);
        Assert.Empty(_receiver.Requests);
    }

    private static int ThresholdOf(ReceivedRequest request) => (int)JsonNode.Parse(request.BodyText)!["threshold"]!;

    private async Task SpendAsync(decimal usd) => _edge.End(await _edge.TryReserveAsync(Budget(), usd), usd);

    private Task<List<AlertDeliveryRecord>> DeliveriesAsync() => _edge.Deliveries.ListAsync("p", "", CancellationToken.None);

    private Cencori.Edge.Projects.Budget Budget(int version = 1, decimal usd = 10) => EdgeOfBudgets.BudgetOf(usd, alerts: Thresholds, url: new Uri(_receiver.Address, "/hook?a=b").ToString(), version: version);

    private List<LogRecorder.LogLine> Reached() => [.. _edge.Logs.Lines.Where(line => line.EventName == "BudgetThresholdReached")];
}
