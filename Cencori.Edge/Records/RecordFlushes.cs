namespace Cencori.Edge.Records;

/// <summary>Counts records in and out, so that one can wait until all that are in are out.</summary>
internal sealed class RecordFlushes
{
    private readonly Lock _lock = new();
    private readonly List<(long Target, TaskCompletionSource Done)> _waiting = [];
    private long _entered;
    private long _left;

    public long Pending => Volatile.Read(ref _entered) - Volatile.Read(ref _left);

    public void Enter() => Interlocked.Increment(ref _entered);

    /// <summary>Whoever waits for more to come ends it where somebody waits for what is there.</summary>
    public InterruptibleDelay Pause { get; } = new();

    public void Leave(int count)
    {
        var left = Interlocked.Add(ref _left, count);
        lock (_lock)
        {
            for (var index = _waiting.Count - 1; index >= 0; index--)
            {
                if (_waiting[index].Target <= left)
                {
                    _waiting[index].Done.SetResult();
                    _waiting.RemoveAt(index);
                }
            }
        }
    }

    /// <summary>Ends when everything that has entered by now has left.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            var target = Volatile.Read(ref _entered);
            if (Volatile.Read(ref _left) >= target)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((target, done));
            Pause.Interrupt();
            return done.Task;
        }
    }
}
