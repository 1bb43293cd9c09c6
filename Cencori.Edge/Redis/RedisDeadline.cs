namespace Cencori.Edge.Redis;

/// <summary>How long whoever waits for Redis waits.</summary>
/// <param name="timeout">Of a call that a request waits for.</param>
/// <param name="time">Of the alarm.</param>
internal sealed class RedisDeadline(TimeSpan timeout, TimeProvider time)
{
    // More than a reply ever needs from the socket to whoever waits for it.
    private const int TurnsInQueue = 16;

    public TimeProvider Time => time;

    /// <exception cref="TimeoutException">Redis has not answered in time.</exception>
    public Task<long[]> WaitAsync(Task<long[]> calling) => WaitAsync(calling, timeout);

    /// <exception cref="TimeoutException">Redis has not answered in time.</exception>
    public async Task<long[]> WaitAsync(Task<long[]> calling, TimeSpan limit)
    {
        // In two parts: when it was this process that stood still, the first one ends late, and the reply is here within the second.
        // It may also come after the alarm and before whoever the alarm wakes.
        for (var part = 0; part < 2 && !calling.IsCompleted; part++)
        {
            await ((Task)calling).WaitAsync(limit / 2, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // And where the pool has more work than threads, a reply that has arrived passes through its queue several times, a
        // timer once. Where it has not, this costs nothing.
        for (var turn = 0; turn < TurnsInQueue && !calling.IsCompleted; turn++)
        {
            await Task.Yield();
        }

        return calling.IsCompleted ? await calling : throw new TimeoutException("Redis has not answered in time.");
    }
}
