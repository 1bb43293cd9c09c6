using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Script = System.Func<
    Cencori.Edge.Tests.Infrastructure.Providers.ReceivedRequest,
    Cencori.Edge.Tests.Infrastructure.Providers.ScriptedResponse,
    System.Threading.Tasks.Task>;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>
/// A provider on a loopback socket with a hand-written HTTP/1.1. An ordinary HTTP server would repair, merge and buffer what tests examine: the bytes that
/// the edge sends, and its handling of responses that are split, paused or reset at a chosen byte.
/// </summary>
public sealed partial class ScriptedProvider : IAsyncDisposable
{
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

    /// <param name="time">Clock for pauses and timestamps. The provider's own timeouts use real time.</param>
    public ScriptedProvider(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Stopping = _stopping.Token;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}/");
        _accepting = AcceptConnectionsAsync();
    }

    public Uri Address { get; }

    /// <summary>True: does not keep requests, because a soak test sends gigabytes of them. Default: false.</summary>
    public bool IsForgetful { get; init; }

    /// <summary>All complete requests, in order of arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    internal TimeProvider Time { get; }

    internal CancellationToken Stopping { get; }

    /// <summary>Sets the script for all requests without a one-shot script.</summary>
    public void Respond(Script script) => _default = script;

    /// <summary>Adds a script for one request. One-shot scripts are used in order, before the default.</summary>
    public void Enqueue(Script script) => _oneShots.Enqueue(script);

    /// <summary>Removes scripts that were not used and requests that were not read, so that the next test does not get them.</summary>
    public void Forget()
    {
        _oneShots.Clear();
        while (_unread.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Returns the next request, each once. Its script may still be running.</summary>
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
            await Task.WhenAll(_connections).WaitAsync(Eventually.Timeout, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Record(new TimeoutException($"A script still runs {Eventually.Timeout} after the end. Use HoldAsync, which ends with the provider."));
        }

        _stopping.Dispose();
        if (Failures() is { } failures)
        {
            throw failures;
        }
    }

    internal Script Accept(ReceivedRequest request)
    {
        // Under the lock, so that the order of requests matches the order of scripts also for concurrent requests.
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
                // In a task, so that a blocking script does not delay the next connection.
                _connections.Add(Task.Run(connection.RunAsync));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
