using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>Keeps the last of an answer from its caller until the record of its exchange is written down.</summary>
internal sealed class RecordKeeper(Exchange exchange, ExchangeRecorder recorder) : IResponseFollower
{
    public bool HasPendingChanges => exchange is { Record: null, IsSettled: true, Last: { End: not AttemptEnd.None, Screen: not { HasMore: true } } };

    public async Task NoteAsync()
    {
        // Who waits for the record waits for what it needs.
        if (exchange.Afterwards is { } afterwards)
        {
            exchange.Afterwards = null;
            await LateFindings.FindAsync(afterwards, hasTime: true);
        }

        await recorder.KeepAsync(exchange);
    }
}
