namespace Cencori.Edge.WebSockets;

/// <summary>All WebSockets of this edge, for who ends them together. One that opens later is ended at once.</summary>
public sealed class OpenWebSockets : IDisposable
{
    private readonly CancellationTokenSource _closing = new();

    internal CancellationToken Closing => _closing.Token;

    /// <summary>Has every one closed, and does not wait for that.</summary>
    public Task CloseAsync() => _closing.CancelAsync();

    public void Dispose() => _closing.Dispose();
}
