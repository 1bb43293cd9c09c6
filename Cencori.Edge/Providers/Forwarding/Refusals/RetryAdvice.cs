using Cencori.Edge.Errors;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>Retry advice for the caller of a request that the edge may retry itself. Without this advice, the retries of the client and of the edge would multiply.</summary>
/// <param name="FreeIn">Time until the first of the request's targets may be asked again. Null: the provider's own advice stays.</param>
/// <param name="IsSpent">True: the edge has repeated the request already or may not repeat it, so the client should not retry.</param>
public readonly record struct RetryAdvice(TimeSpan? FreeIn, bool IsSpent)
{
    // The longest wait that is worth a retry: SDKs ignore a longer one.
    private static readonly TimeSpan WorthWaiting = TimeSpan.FromMinutes(1);

    private bool IsFreeSoon => FreeIn <= WorthWaiting;

    /// <summary>Applies the advice to an error of the edge.</summary>
    public EdgeError ApplyTo(EdgeError error) =>
        error with { RetryAfter = FreeIn ?? error.RetryAfter, IsFinal = error.IsFinal || IsSpent, IsRetryable = IsFreeSoon && !error.IsFinal };

    /// <summary>Replaces the retry headers of a provider's error response, which consider only that one provider, by the advice.</summary>
    public void WriteTo(IHeaderDictionary headers)
    {
        if (FreeIn is { } wait)
        {
            ErrorWriter.WriteRetryAfter(headers, wait);
        }

        if (IsFreeSoon || IsSpent)
        {
            headers[ErrorWriter.ShouldRetry] = IsSpent ? "false" : "true";
        }
    }
}
