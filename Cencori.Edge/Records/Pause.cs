namespace Cencori.Edge.Records;

/// <summary>A delay that another thread can end early.</summary>
internal sealed class Pause
{
    private volatile TaskCompletionSource _hurry = New();

    /// <summary>Ends the current delay, or the next one if none is running.</summary>
    public void Hurry() => _hurry.TrySetResult();

    public async Task WaitAsync(TimeSpan pause, TimeProvider time, CancellationToken cancellation = default)
    {
        await Task.WhenAny(_hurry.Task, Task.Delay(pause, time, cancellation));
        _hurry = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
