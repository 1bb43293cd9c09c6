using System.Diagnostics.Metrics;
using Cencori.Edge.Files;
using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Pricing;

/// <summary>How changes of the price list file affect a running edge, and which price applies to a model.</summary>
public sealed class PricesTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Good = """{"prices":[{"provider":"a","model":"m","input":1,"output":2}]}""";

    private readonly string _directory = Directory.CreateTempSubdirectory("prices-").FullName;
    private readonly FakeTimeProvider _clock = new();
    private readonly LogRecorder _logs = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private Prices _prices = null!;
    private MetricCollector<long> _reloads = null!;

    private string File => Path.Combine(_directory, PriceFile.FileName);

    public async Task InitializeAsync()
    {
        await System.IO.File.WriteAllTextAsync(File, Good);
        var meters = _services.GetRequiredService<IMeterFactory>();
        _prices = new Prices(new FollowedFile(File, _clock), meters, new Logger<Prices>(new LoggerFactory([_logs])));
        await _prices.StartAsync(CancellationToken.None);
        _reloads = new MetricCollector<long>(meters, "Cencori.Edge", Prices.CounterName);
    }

    public async ValueTask DisposeAsync()
    {
        _reloads.Dispose();
        _prices.Dispose();
        _logs.Dispose();
        await _services.DisposeAsync();
        RunDirectory.Delete(_directory);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task A_change_is_in_force_at_the_second_poll()
    {
        await System.IO.File.WriteAllTextAsync(File, Good.Replace("\"input\":1", "\"input\":3", StringComparison.Ordinal));
        Assert.Equal(1, Cost());
        _clock.Advance(FollowedFile.PollInterval);
        Assert.Equal(1, Cost());
        _clock.Advance(FollowedFile.PollInterval);
        Assert.Equal(3, Cost());
        Assert.Equal(["applied"], Outcomes());
    }

    [Theory]
    [InlineData("", "line 1: it is not JSON.")]
    [InlineData("{ \"prices\": [", "line 1, prices[0]: it is not JSON.")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","input":-1,"output":2}]}""", "prices[0] (a m): input must be 0 to")]
    [InlineData(null, "It cannot be read.")]
    public async Task A_bad_file_is_reported_and_changes_nothing_and_the_next_good_one_applies(string? content, string reason)
    {
        if (content is null)
        {
            System.IO.File.Delete(File);
        }
        else
        {
            await System.IO.File.WriteAllTextAsync(File, content);
        }

        LookTwice();
        Assert.Equal(1, Cost());
        Assert.Equal(["refused"], Outcomes());
        Assert.Single(_logs.Lines, line => line is { Level: LogLevel.Error, EventName: "PricesRefused" });
        Assert.Contains(reason, _prices.Fault);

        await System.IO.File.WriteAllTextAsync(File, Good.Replace("\"input\":1", "\"input\":4", StringComparison.Ordinal));
        LookTwice();
        Assert.Equal(4, Cost());
        Assert.Equal(["refused", "applied"], Outcomes());
        Assert.Single(_logs.Lines, line => line is { Level: LogLevel.Information, EventName: "PricesApplied" });
        Assert.Null(_prices.Fault);
    }

    [Fact]
    public async Task The_providers_with_prices_are_each_listed_once_and_the_date_is_the_newest_of_any_price()
    {
        Assert.Null(_prices.NewestAsOf);
        await System.IO.File.WriteAllTextAsync(
            File,
            """{"prices":[{"provider":"a","model":"m","input":1,"output":1,"as_of":"2026-03-01"},{"provider":"b","model":"m","input":1,"output":1,"as_of":"2026-05-02"},{"provider":"a","model":"n","input":1,"output":1,"as_of":"2026-04-30"}]}""");
        LookTwice();
        Assert.Equal(["a", "b"], _prices.Providers);
        Assert.Equal(new DateOnly(2026, 5, 2), _prices.NewestAsOf);
    }

    [Fact]
    public async Task A_bad_file_at_startup_is_a_fault_that_names_the_file()
    {
        await System.IO.File.WriteAllTextAsync(File, "{");
        using var prices = new Prices(new FollowedFile(File, _clock), _services.GetRequiredService<IMeterFactory>(), new Logger<Prices>(new LoggerFactory([_logs])));

        var fault = await Assert.ThrowsAsync<StartupException>(() => prices.StartAsync(CancellationToken.None));
        Assert.StartsWith("prices.json: ", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void A_projects_own_price_comes_first_and_a_model_without_a_price_has_no_cost()
    {
        Assert.Equal(7, Cost(new ModelPrice { Provider = "a", Model = "*", Input = 7, Output = 7 }));
        Assert.Equal(1, Cost(new ModelPrice { Provider = "a", Model = "other", Input = 7, Output = 7 }));
        Assert.Null(_prices.Cost(Project(), "a", "other", default, _clock.GetUtcNow()));
        Assert.Null(_prices.Cost(Project(), "a", null, default, _clock.GetUtcNow()));
    }

    private static ProjectSnapshot Project(params ModelPrice[] prices) => new()
    {
        Id = "p",
        ModelAliases = System.Collections.Frozen.FrozenDictionary<string, string>.Empty,
        RateLimits = RateLimits.Default,
        Credentials = [],
        Prices = new PriceTable(prices),
    };

    private decimal? Cost(params ModelPrice[] own) => _prices.Cost(Project(own), "a", "m", new TokenUsage(1_000_000, 0, 0, IsEstimated: false), _clock.GetUtcNow());

    private IEnumerable<string?> Outcomes() => _reloads.GetMeasurementSnapshot().Select(measurement => (string?)measurement.Tags["outcome"]);

    private void LookTwice()
    {
        _clock.Advance(FollowedFile.PollInterval);
        _clock.Advance(FollowedFile.PollInterval);
    }
}
