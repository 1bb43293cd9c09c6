namespace Cencori.Edge.Records;

/// <summary>A delay that another thread can end early.</summary>
internal sealed class InterruptibleDelay
{
    private volatile TaskCompletionSource _interrupted = New();

    /// <summary>Ends the current delay. If none is running, the next delay ends at once.</summary>
    public void Interrupt() => _interrupted.TrySetResult();

    public async Task WaitAsync(TimeSpan pause, TimeProvider time, CancellationToken cancellation = default)
    {
        await Task.WhenAny(_interrupted.Task, Task.Delay(pause, time, cancellation));
        _interrupted = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
