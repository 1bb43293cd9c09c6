using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Exchanges;

/// <summary>Holds back the end of a response until the record of its exchange is stored.</summary>
internal sealed class RecordBarrier(Exchange exchange, ExchangeRecorder recorder) : IResponseFollower
{
    public bool HasPendingChanges => exchange is { Record: null, IsSettled: true, Last: { End: not AttemptEnd.None, Screen: not { HasMore: true } } };

    public async Task NoteAsync()
    {
        // The record needs the findings of this function, so it runs first.
        if (exchange.Afterwards is { } afterwards)
        {
            exchange.Afterwards = null;
            await DeferredRecords.FindAsync(afterwards, canWait: true);
        }

        await recorder.KeepAsync(exchange);
    }
}
