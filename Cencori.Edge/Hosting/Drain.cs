using System.Runtime.InteropServices;
using Cencori.Edge.WebSockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

/// <summary>
/// The end of an edge, in order: it says that it is not ready and still takes requests; it takes no more, closes WebSockets, which have
/// no end of their own, and lets open requests run on; it cuts what is left. A second signal goes straight to the cut.
/// </summary>
/// <remarks>
/// All of it happens in <see cref="StoppingAsync"/>, which the host calls before it stops anything. So whatever writes behind
/// requests is stopped after the last of them has ended, and with time left to write, in whichever order it was registered.
/// </remarks>
public sealed partial class Drain(
    IServer server, Listeners listeners, OpenWebSockets webSockets, IOptions<DrainOptions> options, TimeProvider time, ILogger<Drain> logger)
    : IHostedLifecycleService
{
    /// <summary>The end of the grace, in which connections are accepted that are established, and no more are established.</summary>
    private static readonly TimeSpan LastConnections = TimeSpan.FromMilliseconds(100);

    /// <summary>How long requests that were cut have for their last steps.</summary>
    private static readonly TimeSpan AfterCut = TimeSpan.FromSeconds(2);

    private int _open;
    private volatile bool _isDraining;
    private Task? _draining;

    // Once no more requests come: until then none may be open for a moment only.
    private TaskCompletionSource? _allLeft;

    /// <summary>True from the moment the edge was told to stop.</summary>
    public bool IsDraining => _isDraining;

    public void Enter() => Interlocked.Increment(ref _open);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            Volatile.Read(ref _allLeft)?.TrySetResult();
        }
    }

    // A host that is told to stop twice waits for the one end.
    public Task StoppingAsync(CancellationToken cancellationToken) => _draining ??= DrainAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        _isDraining = true;
        Log.Begins(logger, Volatile.Read(ref _open), options.Value.GraceSeconds, options.Value.TimeoutSeconds);
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using (OnSignal(PosixSignal.SIGTERM, hurry))
        using (OnSignal(PosixSignal.SIGINT, hurry))
        {
            var last = options.Value.Grace < LastConnections ? options.Value.Grace : LastConnections;
            await Task.Delay(options.Value.Grace - last, time, hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            listeners.EstablishNoMore();
            await Task.Delay(last, time, hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await webSockets.CloseAsync();
            Log.Ends(logger, await CloseAsync(hurry.Token));
        }
    }

    /// <returns>How many requests had to be cut.</returns>
    private async Task<int> CloseAsync(CancellationToken hurry)
    {
        var cut = 0;
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hurry, timeout.Token);
        await using (either.Token.Register(() => cut = Volatile.Read(ref _open)))
        {
            // The host stops the server once more, which then has nothing left to do.
            await server.StopAsync(either.Token);
        }

        var allLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _allLeft, allLeft);
        if (Volatile.Read(ref _open) > 0)
        {
            await allLeft.Task.WaitAsync(AfterCut, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return cut;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource source) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        source.Cancel();
    });

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Information, "The edge drains. Requests open: {Open}. New ones are taken for {Grace} s, open ones run on for {Timeout} s more.", EventName = "DrainBegins")]
        public static partial void Begins(ILogger logger, int open, int grace, int timeout);

        [LoggerMessage(71, LogLevel.Information, "The edge has drained. Requests cut: {Cut}.", EventName = "DrainEnds")]
        public static partial void Ends(ILogger logger, int cut);
    }
}
