using System.Runtime.InteropServices;
using Cencori.Edge.WebSockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Shuts the edge down in steps. First the edge reports not ready but still takes requests (grace). Then it accepts no connections, closes WebSockets, which
/// may stay open forever, and lets open requests finish. At last it cuts the remaining requests. A second stop signal cuts them at once.
/// </summary>
/// <remarks>
/// The host calls <see cref="StoppingAsync"/> before it stops any hosted service. So services that write records in the background
/// stop after the last request has ended and still have time to write. The order of their registration does not matter.
/// </remarks>
public sealed partial class Drain(
    IServer server, Listeners listeners, OpenWebSockets webSockets, IOptions<DrainOptions> options, TimeProvider time, ILogger<Drain> logger)
    : IHostedLifecycleService
{
    /// <summary>Length of the last part of the grace, in which the edge only accepts connections that the kernel has already established.</summary>
    private static readonly TimeSpan LastConnections = TimeSpan.FromMilliseconds(100);

    /// <summary>How long cut requests get to finish their cleanup.</summary>
    private static readonly TimeSpan AfterCut = TimeSpan.FromSeconds(2);

    // Open requests in the lower half and cut ones in the upper half, so that both change atomically.
    private long _requests;
    private volatile bool _isDraining;
    private volatile bool _isCutting;
    private Task? _draining;

    // Completes when the last request has ended. Null until the server accepts no more requests, because before that the count may be 0 for a moment.
    private TaskCompletionSource? _drained;

    /// <summary>True from the moment when the edge received the stop signal.</summary>
    public bool IsDraining => _isDraining;

    private int Open => (int)Volatile.Read(ref _requests);

    public void Enter() => Interlocked.Increment(ref _requests);

    public void Leave(HttpContext context)
    {
        // A request that is open when the edge cuts may still end well: Kestrel cancels the token only while a part of the response is still to be written.
        var isCut = _isCutting && context.RequestAborted.IsCancellationRequested;
        if ((int)Interlocked.Add(ref _requests, (isCut ? 1L << 32 : 0) - 1) == 0)
        {
            Volatile.Read(ref _drained)?.TrySetResult();
        }
    }

    // A second call returns the task of the drain that already runs.
    public Task StoppingAsync(CancellationToken cancellationToken) => _draining ??= DrainAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using (OnSignal(PosixSignal.SIGTERM, stopping))
        using (OnSignal(PosixSignal.SIGINT, stopping))
        {
            // Set after the signals are registered: whoever sees that the edge drains may send the second signal at once.
            _isDraining = true;
            Log.Begins(logger, Open, options.Value.GraceSeconds, options.Value.TimeoutSeconds);
            var last = options.Value.Grace < LastConnections ? options.Value.Grace : LastConnections;
            await Task.Delay(options.Value.Grace - last, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            listeners.DropNewConnections();
            await Task.Delay(last, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await webSockets.CloseAsync();
            Log.Ends(logger, await CloseAsync(stopping.Token));
        }
    }

    /// <returns>The number of requests that were cut.</returns>
    private async Task<int> CloseAsync(CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);

        // The server has its own token. Callbacks of one token run in reverse order of their registration, so the server would cut before this is noted.
        using var cut = new CancellationTokenSource();
        await using (linked.Token.Register(() =>
        {
            _isCutting = true;
            cut.Cancel();
        }))
        {
            // The host stops the server once more later; that second stop has no effect.
            await server.StopAsync(cut.Token);
        }

        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _drained, drained);
        if (Open > 0)
        {
            await drained.Task.WaitAsync(AfterCut, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Requests that do not even end when they are cut are still open.
        var requests = Volatile.Read(ref _requests);
        return _isCutting ? (int)(requests >> 32) + (int)requests : 0;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource source) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        source.Cancel();
    });

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Information, "The edge drains. Open requests: {Open}. The edge takes new requests for {Grace} s; after that, open requests may run for {Timeout} s.", EventName = "DrainBegins")]
        public static partial void Begins(ILogger logger, int open, int grace, int timeout);

        [LoggerMessage(71, LogLevel.Information, "The edge has drained. Requests cut: {Cut}.", EventName = "DrainEnds")]
        public static partial void Ends(ILogger logger, int cut);
    }
}
