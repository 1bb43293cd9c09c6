namespace Cencori.Edge.Records;

/// <summary>Counts records that arrive and records that are written, so that a caller can wait until all records that have arrived are written.</summary>
internal sealed class RecordFlushes
{
    private readonly Lock _lock = new();
    private readonly List<(long Target, TaskCompletionSource Done)> _waiting = [];
    private long _entered;
    private long _finished;

    public long Pending => Volatile.Read(ref _entered) - Volatile.Read(ref _finished);

    public void Enter() => Interlocked.Increment(ref _entered);

    /// <summary>The writer's delay while it collects a batch. A caller of <see cref="WaitAsync"/> ends it early.</summary>
    public InterruptibleDelay Pause { get; } = new();

    public void CountFinished(int count)
    {
        var finished = Interlocked.Add(ref _finished, count);
        lock (_lock)
        {
            for (var index = _waiting.Count - 1; index >= 0; index--)
            {
                if (_waiting[index].Target <= finished)
                {
                    _waiting[index].Done.SetResult();
                    _waiting.RemoveAt(index);
                }
            }
        }
    }

    /// <summary>Completes when all records that have arrived by now are written or dropped.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            var target = Volatile.Read(ref _entered);
            if (Volatile.Read(ref _finished) >= target)
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
