using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>Keeps the last of a response from its caller until the record of its exchange is written down.</summary>
internal sealed class RecordBarrier(Exchange exchange, ExchangeRecorder recorder) : IResponseFollower
{
    public bool HasPendingChanges => exchange is { Record: null, IsSettled: true, Last: { End: not AttemptEnd.None, Screen: not { HasMore: true } } };

    public async Task NoteAsync()
    {
        // Who waits for the record waits for what it needs.
        if (exchange.Afterwards is { } afterwards)
        {
            exchange.Afterwards = null;
            await DeferredRecords.FindAsync(afterwards, hasTime: true);
        }

        await recorder.KeepAsync(exchange);
    }
}
