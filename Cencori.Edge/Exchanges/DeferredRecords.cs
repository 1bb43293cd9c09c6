using System.Collections.Concurrent;
using Cencori.Edge.Records;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Exchanges;

/// <summary>Runs the checks of <see cref="Exchange.Afterwards"/> in the background, then writes the records. At shutdown the edge waits for them.</summary>
public sealed class DeferredRecords(RecordWriter records) : IHostedService
{
    /// <summary>
    /// Maximum number of exchanges whose checks run at the same time. The records of further exchanges are written at once, and note that the checks were
    /// not done.
    /// </summary>
    public const int Max = 256;

    private readonly ConcurrentDictionary<Task, bool> _underWay = new();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_underWay.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <param name="exchange">An exchange with <see cref="Exchange.Afterwards"/>.</param>
    /// <param name="record">The record of the exchange. It is written even if the checks fail.</param>
    internal void Begin(Exchange exchange, RequestRecord record)
    {
        var finding = RunAsync(exchange, record, _underWay.Count < Max);
        if (!finding.IsCompleted)
        {
            _underWay[finding] = true;
            finding.ContinueWith(static (done, underWay) => ((ConcurrentDictionary<Task, bool>)underWay!).TryRemove(done, out _), _underWay, TaskScheduler.Default);
        }
    }

    private async Task RunAsync(Exchange exchange, RequestRecord record, bool canWait)
    {
        await FindAsync(exchange.Afterwards!, canWait);
        record.Policy = exchange.Policy?.ToRecord();
        records.Write(record);
    }

    /// <summary>Runs the checks of <see cref="Exchange.Afterwards"/>. If the checks throw, the record notes that they were not done.</summary>
    internal static async Task FindAsync(Func<bool, Task> afterwards, bool canWait)
    {
        try
        {
            await afterwards(canWait);
        }
        catch (Exception) when (canWait)
        {
            await afterwards(false);
        }
    }
}
