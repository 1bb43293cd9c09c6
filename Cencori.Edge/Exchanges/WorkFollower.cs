using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>Follows what the answer of one exchange tells of work that goes on behind it.</summary>
internal sealed class WorkFollower(Exchange exchange, LaterWork later) : IResponseFollower
{
    public bool HasPendingChanges => exchange.HasPendingWorkChanges;

    public Task NoteAsync() => later.NoteAsync(exchange);
}
