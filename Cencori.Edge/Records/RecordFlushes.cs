namespace Cencori.Edge.Records;

/// <summary>Counts records in and out, so that one can wait until all that are in are out.</summary>
internal sealed class RecordFlushes
{
    private readonly Lock _lock = new();
    private readonly List<(long Target, TaskCompletionSource Done)> _waiting = [];
    private volatile TaskCompletionSource _hurry = New();
    private long _entered;
    private long _left;

    public long Pending => Volatile.Read(ref _entered) - Volatile.Read(ref _left);

    public void Enter() => Interlocked.Increment(ref _entered);

    /// <summary>Ends the pause that is, or the next one.</summary>
    public void Hurry() => _hurry.TrySetResult();

    /// <summary>Waits for more to come, unless somebody is in a hurry.</summary>
    public async Task PauseAsync(TimeSpan pause, TimeProvider time)
    {
        await Task.WhenAny(_hurry.Task, Task.Delay(pause, time));
        _hurry = New();
    }

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

            var done = New();
            _waiting.Add((target, done));
            Hurry();
            return done.Task;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
