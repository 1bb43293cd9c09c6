namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Who decides whether a response is the caller's, where somebody else can be asked in its place.</summary>
public interface IFailoverPolicy
{
    /// <summary>Told of each response, before anything of it can reach the caller.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="retryAfter">When the provider wants to be asked again; null: it does not say.</param>
    /// <param name="cause">What its body says it refuses the request for.</param>
    /// <returns>True: nothing of it reaches the caller, and the next is asked.</returns>
    bool ShouldFailOver(int status, TimeSpan? retryAfter, RefusalCause cause = RefusalCause.Unknown);

    /// <summary>Told of a response that has begun well: there is something of a response, where that can be seen.</summary>
    void ResponseStarted();

    /// <summary>Told of a response whose status is good, of which the first thing that means anything is an error, or the end.</summary>
    /// <param name="cause">What the error says; of what is wrong with the request, only that it is too long.</param>
    /// <returns>True: nothing of it reaches the caller, and the next is asked.</returns>
    bool ShouldFailOverStream(RefusalCause cause = RefusalCause.Unknown);

    /// <summary>How long a stream may take to its first event before somebody else is asked in its place. Null: however long.</summary>
    TimeSpan? Timeout { get; }

    /// <summary>Told of a stream that has been silent for that long.</summary>
    /// <returns>True: nothing of it reaches the caller, and the next is asked.</returns>
    bool ShouldFailOverOnSilence();

    /// <summary>What a caller who hears how the current attempt has failed is told of asking again.</summary>
    RetryAdvice Advice { get; }
}
