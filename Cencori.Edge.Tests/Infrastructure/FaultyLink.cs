using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// The network between a client and a server on 127.0.0.1, which can be slow, hang, break and come back while the server
/// runs on untouched. One that reads of other addresses from the server, as the nodes of a cluster, goes there directly.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Task> _connections = [];
    private CancellationTokenSource _cut = new();
    private TaskCompletionSource _flowing = new();
    private LinkListener? _listener;

    /// <param name="serverPort">Where the server listens, now or later.</param>
    public FaultyLink(int serverPort)
    {
        ServerPort = serverPort;
        Port = LoopbackPort.Next();
        Restore();
    }

    /// <summary>Where clients connect; it stays the same.</summary>
    public int Port { get; }

    /// <summary>For StackExchange.Redis; the server's password, if it has one, is not in it.</summary>
    public string Configuration => $"127.0.0.1:{Port}";

    /// <summary>What the way to the server takes longer; for bytes that come from now on.</summary>
    public TimeSpan DelayToServer { get; set; }

    /// <summary>What the way back to the client takes longer; for bytes that come from now on.</summary>
    public TimeSpan DelayToClient { get; set; }

    internal int ServerPort { get; }

    internal Task Flowing => _flowing.Task;

    /// <summary>Lets nothing through until <see cref="Restore"/>, which delivers it late: a network that loses packets for a while.</summary>
    public void Stall()
    {
        if (_flowing.Task.IsCompleted)
        {
            _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Resets every connection; new ones are welcome.</summary>
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

    /// <summary>Takes connections and lets bytes through again; delays stay.</summary>
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
