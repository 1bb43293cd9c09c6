using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>Follows what the response of one exchange tells of work that goes on behind it.</summary>
internal sealed class BackgroundWorkFollower(Exchange exchange, BackgroundWork work) : IResponseFollower
{
    public bool HasPendingChanges => exchange.HasPendingWorkChanges;

    public Task NoteAsync() => work.NoteAsync(exchange);
}
