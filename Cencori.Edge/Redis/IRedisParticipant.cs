namespace Cencori.Edge.Redis;

/// <summary>A source of calls for <see cref="CallCoalescer{TCall}"/>. All methods except <see cref="SendAsync"/> run under the participant's lock.</summary>
internal interface IRedisParticipant<TCall>
    where TCall : class
{
    /// <summary>Creates the next call, with as many waiting requests as one call can hold. Null: nothing to send.</summary>
    TCall? NextCall();

    Task<long[]> SendAsync(TCall call);

    /// <summary>Processes the reply to a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="sentAt">When the call was sent, as a timestamp of the deadline's clock.</param>
    /// <returns>A task that must end before the next call. Null: none.</returns>
    Task? Take(TCall call, long[] reply, long sentAt);

    /// <summary>Handles a call whose result is unknown: its requests are decided without Redis.</summary>
    void Abandon(TCall call);

    /// <summary>Decides all requests that wait for the next call without Redis.</summary>
    void DecideWaitingLocally();
}
