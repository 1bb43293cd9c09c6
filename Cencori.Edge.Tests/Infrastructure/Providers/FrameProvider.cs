using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>
/// A provider on a loopback socket that speaks HTTP/2 frame by frame, without TLS. An ordinary HTTP server cannot refuse a stream, send GOAWAY or
/// withhold credit at a chosen moment. Requests without a script get a default response.
/// </summary>
public sealed class FrameProvider : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<FrameRequest> _requests = new();
    private readonly ConcurrentQueue<FrameScript> _scripts = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    public FrameProvider()
    {
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}/");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Settings that route the provider <c>openai</c> to this one.</summary>
    public IEnumerable<string> Settings =>
    [
        RunningEdge.Destination("openai", Address),
        "ReverseProxy:Clusters:openai:HttpRequest:Version=2",
        "ReverseProxy:Clusters:openai:HttpRequest:VersionPolicy=RequestVersionExact",
    ];

    /// <summary>All requests whose head has arrived, in order.</summary>
    public IReadOnlyList<FrameRequest> Requests => [.. _requests];

    /// <summary>Delay before credit is returned for received data.</summary>
    public TimeSpan CreditDelay { get; set; }

    /// <summary>Adds a script for one request; scripts are used in the order in which they were added.</summary>
    public void Enqueue(FrameMoment at, Func<FrameConnection, FrameRequest, Task> act) => _scripts.Enqueue(new(at, act));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections).WaitAsync(Eventually.Timeout, TimeProvider.System);
        _stopping.Dispose();
    }

    internal FrameScript Accept(FrameRequest request)
    {
        _requests.Enqueue(request);
        return _scripts.TryDequeue(out var script) ? script : FrameScript.Respond;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token);
                socket.NoDelay = true;
                var connection = new FrameConnection(this, socket, _connections.Count + 1);
                _connections.Add(Task.Run(() => connection.RunAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
