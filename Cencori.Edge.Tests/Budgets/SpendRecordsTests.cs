using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>Reads of the stored spend that requests wait for.</summary>
public sealed class SpendRecordsTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_database_that_blocks_is_given_up_after_a_second_and_the_log_says_so_once_a_minute()
    {
        using var logs = new LogRecorder();
        using var loggers = new LoggerFactory([logs]);
        using var back = new ManualResetEventSlim();
        var records = new SpendRecords(new Blocked(back), _clock, loggers.CreateLogger<SpendRecords>());
        try
        {
            await IsGivenUpAsync(records);
            var line = Assert.Single(logs.Lines);
            Assert.Equal((LogLevel.Error, "SpendNotRead"), (line.Level, line.EventName));
            Assert.StartsWith("The spend of project prj_1 in this month cannot be read.", line.Text, StringComparison.Ordinal);
            Assert.Contains(nameof(TimeoutException), line.Text, StringComparison.Ordinal);

            await IsGivenUpAsync(records);
            Assert.Single(logs.Lines);
            _clock.Advance(TimeSpan.FromMinutes(1));
            await IsGivenUpAsync(records);
            Assert.Equal(2, logs.Lines.Count);
        }
        finally
        {
            back.Set();
        }

        Assert.Equal(new SpendSums(7, 2), await ReadAsync(records));
    }

    private static Task<SpendSums?> ReadAsync(SpendRecords records) => records.ReadAsync("prj_1", "key_1", new BillingMonth(2026, 11));

    private async Task IsGivenUpAsync(SpendRecords records)
    {
        var reading = ReadAsync(records);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(reading.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await reading);
    }

    /// <summary>A driver that blocks the calling thread.</summary>
    private sealed class Blocked(ManualResetEventSlim back) : ISpendHistory
    {
        public Task<SpendSums> ReadAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until)
        {
            back.Wait(Eventually.Timeout);
            return Task.FromResult(new SpendSums(7, 2));
        }
    }
}
