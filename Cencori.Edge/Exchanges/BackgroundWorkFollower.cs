using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Exchanges;

/// <summary>Records what the response of one exchange reports about background work.</summary>
internal sealed class BackgroundWorkFollower(Exchange exchange, BackgroundWork work) : IResponseFollower
{
    public bool HasPendingChanges => exchange.HasPendingWorkChanges;

    public Task NoteAsync() => work.NoteAsync(exchange);
}
