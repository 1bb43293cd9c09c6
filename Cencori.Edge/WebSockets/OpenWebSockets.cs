namespace Cencori.Edge.WebSockets;

/// <summary>All open WebSockets of this edge, to close them together. A WebSocket that opens after that is closed at once.</summary>
public sealed class OpenWebSockets : IDisposable
{
    private readonly CancellationTokenSource _closing = new();

    internal CancellationToken Closing => _closing.Token;

    /// <summary>Starts to close all WebSockets. Does not wait until they are closed.</summary>
    public Task CloseAsync() => _closing.CancelAsync();

    public void Dispose() => _closing.Dispose();
}
