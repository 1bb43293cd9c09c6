namespace Cencori.Edge.WebSockets;

/// <summary>All open WebSockets of this edge, to close them together. One that opens later is closed at once.</summary>
public sealed class OpenWebSockets : IDisposable
{
    private readonly CancellationTokenSource _closing = new();

    internal CancellationToken Closing => _closing.Token;

    /// <summary>Starts to close all of them, and does not wait for the end.</summary>
    public Task CloseAsync() => _closing.CancelAsync();

    public void Dispose() => _closing.Dispose();
}
