using System.IO.Pipelines;
using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

internal sealed class ProviderConnection
{
    private readonly ScriptedProvider _provider;
    private readonly Socket _socket;
    private readonly RequestReader _requests;
    private readonly CancellationTokenSource _hangUp;
    private readonly Pipe _received = new();
    private readonly Task _pump;

    // Continuations run synchronously: the abort is noted before the script can send another byte.
    private readonly TaskCompletionSource<long> _peerGone = new();
    private bool _closed;
    private int _lastRead;

    public ProviderConnection(ScriptedProvider provider, Socket socket, int number)
    {
        // Each send must leave at once, so that a test controls where a response is split.
        socket.NoDelay = true;
        _provider = provider;
        _socket = socket;
        _hangUp = CancellationTokenSource.CreateLinkedTokenSource(provider.Stopping);
        _requests = new RequestReader(_received.Reader, number, () => _lastRead, provider.Time);
        _pump = PumpAsync();
    }

    public bool PeerIsGone => _peerGone.Task.IsCompleted;

    public TimeProvider Time => _provider.Time;

    public CancellationToken Stopping => _provider.Stopping;

    public async Task RunAsync()
    {
        var failed = false;
        try
        {
            while (await _requests.ReadAsync() is { } request && await RespondAsync(request))
            {
            }
        }
        catch (PeerWentAwayException)
        {
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            _provider.Record(failure);
            failed = true;
        }
        finally
        {
            await HangUpAsync(reset: failed);
            _hangUp.Dispose();
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        // The kernel accepts a first write to a disconnected peer; scripts should not depend on that.
        PeerWentAwayException.ThrowIf(PeerIsGone);
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, Stopping)..];
            }
        }
        catch (SocketException failure)
        {
            // The script may end with this exception and hang up before the pump notices the disconnect.
            NotePeerGone();
            throw new PeerWentAwayException(failure);
        }
    }

    public async Task HangUpAsync(bool reset)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        // With a pending read, closing would first send FIN, and the peer would see an orderly end before the reset.
        await _hangUp.CancelAsync();
        await _pump;
        if (reset)
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        _socket.Dispose();
    }

    private async Task<bool> RespondAsync(ReceivedRequest request)
    {
        var response = new ScriptedResponse(this, request);
        var watch = ReportAbortAsync(request, response);
        var script = _provider.Accept(request);
        await script(request, response);
        if (response.Missing is { } missing && !PeerIsGone)
        {
            throw new InvalidOperationException($"The script for {request.Method} {request.Target} returned too early: {missing}.");
        }

        response.MarkOver();
        return response.KeepsAlive && !watch.IsCompleted && !_closed;
    }

    private async Task ReportAbortAsync(ReceivedRequest request, ScriptedResponse response)
    {
        var timestamp = await _peerGone.Task;
        if (!response.IsOver)
        {
            request.ReportAbort(timestamp);
        }
    }

    private void NotePeerGone() => _peerGone.TrySetResult(Time.GetTimestamp());

    // Reads while a script runs or waits, because only a read notices a disconnect.
    private async Task PumpAsync()
    {
        try
        {
            int count;
            while ((count = await _socket.ReceiveAsync(_received.Writer.GetMemory(16 * 1024), _hangUp.Token)) > 0)
            {
                _lastRead = count;
                _received.Writer.Advance(count);
                await _received.Writer.FlushAsync(_hangUp.Token);
            }

            NotePeerGone();
        }
        catch (SocketException)
        {
            NotePeerGone();
        }
        catch (OperationCanceledException)
        {
            // This side hung up, not the peer.
        }
        finally
        {
            await _received.Writer.CompleteAsync();
        }
    }
}
