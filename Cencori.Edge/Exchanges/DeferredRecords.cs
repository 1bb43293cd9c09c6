using System.Collections.Concurrent;
using Cencori.Edge.Records;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges;

/// <summary>What records still need when callers have their answers, and their connections other things to do. What is under way comes to its end before the edge does.</summary>
public sealed class DeferredRecords(RecordWriter records) : IHostedService
{
    /// <summary>Under way at a time. Of more it is only noted that there was no time for them.</summary>
    public const int Most = 256;

    private readonly ConcurrentDictionary<Task, bool> _underWay = new();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_underWay.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <param name="exchange">With something to find out.</param>
    /// <param name="record">Of it, which is written however that ends.</param>
    internal void Begin(Exchange exchange, RequestRecord record)
    {
        var finding = RunAsync(exchange, record, _underWay.Count < Most);
        if (!finding.IsCompleted)
        {
            _underWay[finding] = true;
            finding.ContinueWith(static (done, underWay) => ((ConcurrentDictionary<Task, bool>)underWay!).TryRemove(done, out _), _underWay, TaskScheduler.Default);
        }
    }

    private async Task RunAsync(Exchange exchange, RequestRecord record, bool hasTime)
    {
        await FindAsync(exchange.Afterwards!, hasTime);
        record.Policy = exchange.Policy?.ToRecord();
        records.Write(record);
    }

    /// <summary>Whatever goes wrong, it is noted that nothing was found out, and the record is written.</summary>
    internal static async Task FindAsync(Func<bool, Task> afterwards, bool hasTime)
    {
        try
        {
            await afterwards(hasTime);
        }
        catch (Exception) when (hasTime)
        {
            await afterwards(false);
        }
    }
}
