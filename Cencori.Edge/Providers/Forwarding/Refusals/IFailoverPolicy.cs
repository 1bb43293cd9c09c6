namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>Decides for each response whether the caller gets it, or whether another target is asked instead.</summary>
public interface IFailoverPolicy
{
    /// <summary>Called for each response, before anything of it can reach the caller.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="retryAfter">How long the provider asks to wait before a retry; null: it does not say.</param>
    /// <param name="cause">Why the provider rejects the request, according to the body.</param>
    /// <returns>True: nothing of this response reaches the caller, and the edge asks the next target.</returns>
    bool ShouldFailOver(int status, TimeSpan? retryAfter, RefusalCause cause = RefusalCause.Unknown);

    /// <summary>Called when a successful response counts as begun: after its first events, or at its headers if the edge reads no events ahead.</summary>
    void ResponseStarted();

    /// <summary>Called for a stream with a successful status whose first event with content is an error, or that ends before any content.</summary>
    /// <param name="cause">The cause that the error reports. Never <see cref="RefusalCause.Request"/>: the caller gets such an error.</param>
    /// <returns>True: nothing of this stream reaches the caller, and the edge asks the next target.</returns>
    bool ShouldFailOverStream(RefusalCause cause = RefusalCause.Unknown);

    /// <summary>How long a stream may take until its first event before another target is asked instead. Null: no limit.</summary>
    TimeSpan? Timeout { get; }

    /// <summary>Called for a stream that has been silent for longer than <see cref="Timeout"/>.</summary>
    /// <returns>True: nothing of this stream reaches the caller, and the edge asks the next target.</returns>
    bool ShouldFailOverOnSilence();

    /// <summary>The retry advice for a caller who gets the failure of the current attempt.</summary>
    RetryAdvice Advice { get; }
}
