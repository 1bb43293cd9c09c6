namespace Cencori.Edge.Redis;

/// <summary>The timeouts of calls to Redis.</summary>
/// <param name="timeout">Timeout of a call that a request waits for.</param>
/// <param name="time">The clock of the timeouts.</param>
internal sealed class RedisDeadline(TimeSpan timeout, TimeProvider time)
{
    // Number of times that a wait yields to the thread pool before it times out. A received reply passes through the pool's queue fewer times than this.
    private const int TurnsInQueue = 16;

    public TimeSpan Timeout => timeout;

    public TimeProvider Time => time;

    /// <exception cref="TimeoutException">Redis has not answered in time.</exception>
    public Task<long[]> WaitAsync(Task<long[]> calling) => WaitAsync(calling, timeout);

    /// <exception cref="TimeoutException">Redis has not answered in time.</exception>
    public async Task<long[]> WaitAsync(Task<long[]> calling, TimeSpan limit)
    {
        // Waits in two halves. If this process was suspended, the first half ends late, and the reply arrives during the second.
        // The reply may also arrive between the timer and the continuation that the timer starts.
        for (var part = 0; part < 2 && !calling.IsCompleted; part++)
        {
            await ((Task)calling).WaitAsync(limit / 2, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // If the thread pool is overloaded, a received reply passes through the pool's queue several times, a timer only once. So
        // yield a few times first. Without load this costs nothing.
        for (var turn = 0; turn < TurnsInQueue && !calling.IsCompleted; turn++)
        {
            await Task.Yield();
        }

        return calling.IsCompleted ? await calling : throw new TimeoutException("Redis has not answered in time.");
    }
}
