namespace Cencori.Edge.Redis;

/// <summary>Who speaks with Redis by <see cref="CallCoalescer{TCall}"/>. All but <see cref="SendAsync"/> is called under its own lock.</summary>
internal interface IRedisParticipant<TCall>
    where TCall : class
{
    /// <summary>All that there is to say now, within what one call can hold; null: nothing.</summary>
    TCall? NextCall();

    Task<long[]> SendAsync(TCall call);

    /// <summary>Redis has answered.</summary>
    /// <param name="call">To this.</param>
    /// <param name="reply">What.</param>
    /// <param name="askedAt">By the deadline's clock.</param>
    /// <returns>What must be done before the next call; null: nothing.</returns>
    Task? Take(TCall call, long[] reply, long askedAt);

    /// <summary>Nobody knows what became of this call: those in it are decided without.</summary>
    void Abandon(TCall call);

    /// <summary>Those who wait for the next call are decided without Redis.</summary>
    void DecideWaitingLocally();
}
