using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Script = System.Func<
    Cencori.Edge.Tests.Infrastructure.ReceivedRequest,
    Cencori.Edge.Tests.Infrastructure.ScriptedResponse,
    System.Threading.Tasks.Task>;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// A provider on a loopback socket that speaks HTTP/1.1 by hand. An HTTP server in its place would repair, merge and buffer
/// what tests want to see: the bytes the edge sent, and what it does with a response cut, paused or reset at a chosen byte.
/// </summary>
public sealed partial class ScriptedProvider : IAsyncDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<ReceivedRequest> _unread = Channel.CreateUnbounded<ReceivedRequest>();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private bool _disposed;

    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly ConcurrentQueue<Script> _oneShots = new();
    private readonly Lock _arrival = new();
    private volatile Script? _default;

    /// <param name="time">Drives pauses and timestamps; the provider's own limits are always real.</param>
    public ScriptedProvider(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Stopping = _stopping.Token;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}/");
        _accepting = AcceptConnectionsAsync();
    }

    public Uri Address { get; }

    /// <summary>Keeps no request that it has answered: a soak has gigabytes of them. Default false.</summary>
    public bool IsForgetful { get; init; }

    /// <summary>Every request that arrived whole, in that order.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    internal TimeProvider Time { get; }

    internal CancellationToken Stopping { get; }

    /// <summary>Answers every request for which no one-shot script is waiting.</summary>
    public void Respond(Script script) => _default = script;

    /// <summary>Answers one request; scripts are used in the order they were added, before the default.</summary>
    public void Enqueue(Script script) => _oneShots.Enqueue(script);

    /// <summary>What an earlier test has left, because its request never came, is no response to the next one's.</summary>
    public void Forget() => _oneShots.Clear();

    /// <summary>The next request that no earlier call has returned; its script may still be running.</summary>
    public async Task<ReceivedRequest> NextRequestAsync(TimeSpan? timeout = null)
    {
        using var limit = new CancellationTokenSource(timeout ?? Eventually.Timeout, TimeProvider.System);
        try
        {
            return await _unread.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No request within {timeout ?? Eventually.Timeout}.", Failures());
        }
    }

    /// <exception cref="AggregateException">A script failed, or the edge sent what is not HTTP/1.1.</exception>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        try
        {
            await Task.WhenAll(_connections).WaitAsync(Farewell, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Record(new TimeoutException($"A script still runs {Farewell} after the end: HoldAsync would have let it go."));
        }

        _stopping.Dispose();
        if (Failures() is { } failures)
        {
            throw failures;
        }
    }

    internal Script Accept(ReceivedRequest request)
    {
        // The n-th request listed is the n-th to take a script, however many arrive at once.
        lock (_arrival)
        {
            if (!IsForgetful)
            {
                _requests.Enqueue(request);
                _unread.Writer.TryWrite(request);
            }

            return _oneShots.TryDequeue(out var script) ? script
                : _default ?? throw new InvalidOperationException($"No script for {request.Method} {request.Target}.");
        }
    }

    internal void Record(Exception failure) => _failures.Enqueue(failure);

    private AggregateException? Failures() =>
        _failures.IsEmpty ? null : new AggregateException("The scripted provider failed.", _failures);

    private async Task AcceptConnectionsAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(Stopping);
                var connection = new ProviderConnection(this, socket, _connections.Count + 1);
                // A script that blocks must not keep the next connection waiting.
                _connections.Add(Task.Run(connection.RunAsync));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
