using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Exchanges;

/// <summary>Holds back the end of a response until the record of its exchange is stored.</summary>
internal sealed class RecordBarrier(Exchange exchange, ExchangeRecorder recorder) : IResponseFollower
{
    public bool HasPendingChanges => exchange is { Record: null, IsSettled: true, Last: { End: not AttemptEnd.None, Screen: not { HasMore: true } } };

    public async Task NoteAsync()
    {
        // Runs the checks that were deferred to the end of the response before the record is stored, because the record contains their findings.
        if (exchange.Afterwards is { } afterwards)
        {
            exchange.Afterwards = null;
            await DeferredRecords.FindAsync(afterwards, canWait: true);
        }

        await recorder.KeepAsync(exchange);
    }
}
