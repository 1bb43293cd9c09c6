namespace Cencori.Edge.Redis;

/// <summary>
/// The calls of one party, of which at most one is under way. What comes meanwhile goes together in the next, so that round trips
/// per request fall as load rises. Where one is lost, nobody waits for Redis any more until it is found back.
/// </summary>
/// <param name="participant">Who speaks.</param>
/// <param name="gate">Its lock.</param>
/// <param name="availability">Whether there is anybody to speak to.</param>
/// <param name="deadline">Of each call.</param>
/// <param name="projectId">Whose calls they are.</param>
internal sealed class CallCoalescer<TCall>(IRedisParticipant<TCall> participant, Lock gate, RedisAvailability availability, RedisDeadline deadline, string projectId)
    where TCall : class
{
    /// <summary>Under the lock.</summary>
    public bool IsCalling { get; private set; }

    /// <summary>
    /// Under the lock. What it returns must be given to <see cref="Run"/>, when the lock is free. Null: a call is under way, or there is
    /// nothing to say, or nobody to say it to.
    /// </summary>
    public TCall? Begin()
    {
        if (IsCalling)
        {
            return null;
        }

        if (!availability.IsAvailable)
        {
            // Another party may have lost it, with nothing wrong here: no call would come to answer them.
            participant.DecideWaitingLocally();
            return null;
        }

        var call = participant.NextCall();
        IsCalling = call is not null;
        return call;
    }

    /// <summary>Sets the call going, and those that come of it.</summary>
    public void Run(TCall? begun)
    {
        if (begun is not null)
        {
            _ = RunAsync(begun);
        }
    }

    private async Task RunAsync(TCall begun)
    {
        for (TCall? next = begun; next is { } call;)
        {
            var askedAt = deadline.Time.GetTimestamp();
            var sending = participant.SendAsync(call);
            try
            {
                var reply = await deadline.WaitAsync(sending);
                if (Take(call, reply, askedAt, out next) is { } first)
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

    private Task? Take(TCall call, long[] reply, long askedAt, out TCall? next)
    {
        lock (gate)
        {
            var first = participant.Take(call, reply, askedAt);
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

            // They have waited as long as a request may, also where Redis is back already.
            participant.DecideWaitingLocally();
            return BeginNext();
        }
    }

    // However it ends: that it failed for those who waited has been reported.
    private static async Task ForgetAsync(Task sending) => await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
