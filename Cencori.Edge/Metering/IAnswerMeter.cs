using Cencori.Edge.Streams;

namespace Cencori.Edge.Metering;

/// <summary>Sees the bytes of a provider's answer pass. Called from one thread at a time, and never after the request has ended.</summary>
public interface IAnswerMeter : IResponseObserver
{
    /// <summary>Tokens used so far as is known, input and output; null: nothing is known yet. Estimated where the provider has not said.</summary>
    long? UsedTokens { get; }

    /// <summary>What the request has cost so far as is known, in US dollars; null: nobody knows.</summary>
    decimal? CostUsd => null;

    /// <summary>Before the first byte.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="isEventStream">Else it is read as one JSON document, if it is JSON at all.</param>
    void Begin(int status, bool isEventStream);
}
