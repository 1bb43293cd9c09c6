namespace Cencori.Edge.Redis;

/// <summary>
/// Sends the Redis calls of one participant, at most one at a time. Requests that arrive during a call go into the next call, so that round trips
/// per request fall as load rises. After a failed call no request waits for Redis until a probe succeeds.
/// </summary>
/// <param name="participant">The source of the calls.</param>
/// <param name="gate">The participant's lock.</param>
/// <param name="availability">Whether Redis is available.</param>
/// <param name="deadline">The timeout of each call.</param>
/// <param name="projectId">The project that the calls belong to.</param>
internal sealed class CallCoalescer<TCall>(IRedisParticipant<TCall> participant, Lock gate, RedisAvailability availability, RedisDeadline deadline, string projectId)
    where TCall : class
{
    /// <summary>Whether a call is running. Read under the lock.</summary>
    public bool IsCalling { get; private set; }

    /// <summary>
    /// Begins a call, under the lock. Pass the result to <see cref="Run"/> after the lock is released. Null: a call is running,
    /// there is nothing to send, or Redis is unavailable.
    /// </summary>
    public TCall? Begin()
    {
        if (IsCalling)
        {
            return null;
        }

        if (!availability.IsAvailable)
        {
            // Another participant may have marked Redis as unavailable. Then no further call would decide the waiting requests.
            participant.DecideWaitingLocally();
            return null;
        }

        var call = participant.NextCall();
        IsCalling = call is not null;
        return call;
    }

    /// <summary>Runs the call that <see cref="Begin"/> returned, then calls for the requests that came meanwhile. Null: does nothing.</summary>
    public void Run(TCall? first)
    {
        if (first is not null)
        {
            _ = RunAsync(first);
        }
    }

    private async Task RunAsync(TCall firstCall)
    {
        for (TCall? next = firstCall; next is { } call;)
        {
            var sentAt = deadline.Time.GetTimestamp();
            var sending = participant.SendAsync(call);
            try
            {
                var reply = await deadline.WaitAsync(sending);
                if (Take(call, reply, sentAt, out next) is { } first)
                {
                    await first;
                    next = BeginNext();
                }
            }
            catch (Exception exception)
            {
                _ = ForgetAsync(sending);
                next = Fail(call, exception);
            }
        }
    }

    private Task? Take(TCall call, long[] reply, long sentAt, out TCall? next)
    {
        lock (gate)
        {
            var first = participant.Take(call, reply, sentAt);
            next = first is null ? BeginNext() : null;
            return first;
        }
    }

    private TCall? BeginNext()
    {
        lock (gate)
        {
            IsCalling = false;
            return Begin();
        }
    }

    private TCall? Fail(TCall call, Exception exception)
    {
        availability.MarkUnavailable(exception, projectId);
        lock (gate)
        {
            participant.Abandon(call);

            // The waiting requests have waited for the whole timeout, so they wait no longer, even if Redis is back already.
            participant.DecideWaitingLocally();
            return BeginNext();
        }
    }

    // Observes the abandoned call's exception. The failure was reported already.
    private static async Task ForgetAsync(Task sending) => await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
