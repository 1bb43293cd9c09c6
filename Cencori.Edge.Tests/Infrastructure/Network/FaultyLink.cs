using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure.Network;

/// <summary>
/// A proxy on 127.0.0.1 between a client and a server that can be slow, hang, break and recover, while the server keeps running. A client that learns
/// other addresses from the server, such as cluster nodes, connects to them directly.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Task> _connections = [];
    private CancellationTokenSource _cut = new();
    private TaskCompletionSource _flowing = new();
    private LinkListener? _listener;

    /// <param name="serverPort">Port of the server, which may start later.</param>
    public FaultyLink(int serverPort)
    {
        ServerPort = serverPort;
        Port = LoopbackPort.Next();
        Restore();
    }

    /// <summary>Port for clients; it never changes.</summary>
    public int Port { get; }

    /// <summary>For StackExchange.Redis, without the server's password.</summary>
    public string Configuration => $"127.0.0.1:{Port}";

    /// <summary>Additional delay to the server, for bytes received from now on.</summary>
    public TimeSpan DelayToServer { get; set; }

    /// <summary>Additional delay to the client, for bytes received from now on.</summary>
    public TimeSpan DelayToClient { get; set; }

    internal int ServerPort { get; }

    internal Task Flowing => _flowing.Task;

    /// <summary>Holds all bytes until <see cref="Restore"/> delivers them, like a network that loses packets for a while.</summary>
    public void Stall()
    {
        if (_flowing.Task.IsCompleted)
        {
            _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Resets every connection. New connections are accepted.</summary>
    public async Task CutAsync()
    {
        CancellationTokenSource cut;
        Task[] connections;
        lock (_lock)
        {
            (cut, _cut) = (_cut, new CancellationTokenSource());
            connections = [.. _connections];
            _connections.Clear();
        }

        await cut.CancelAsync();
        await Task.WhenAll(connections);
        cut.Dispose();
    }

    /// <summary>Resets every connection and refuses new ones until <see cref="Restore"/>.</summary>
    public async Task RefuseAsync()
    {
        if (_listener is { } listener)
        {
            _listener = null;
            await listener.DisposeAsync();
        }

        await CutAsync();
    }

    /// <summary>Accepts connections and forwards bytes again. Delays stay.</summary>
    public void Restore()
    {
        _flowing.TrySetResult();
        _listener ??= new LinkListener(Port, Relay);
    }

    public async ValueTask DisposeAsync()
    {
        await RefuseAsync();
        _cut.Dispose();
    }

    private void Relay(Socket client)
    {
        lock (_lock)
        {
            _connections.Add(new LinkedConnection(this, client, _cut.Token).RunAsync());
        }
    }
}
