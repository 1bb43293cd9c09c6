using Cencori.Edge.Errors;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>What a caller is told of sending a request again, where somebody else can be asked than whoever has refused it. Its client and the edge would else repeat each other's repeats.</summary>
/// <param name="FreeIn">When the first of those who can be asked is free. Null: what the provider says holds.</param>
/// <param name="IsSpent">The edge has repeated it as often as it may: a client that did so as well would multiply that.</param>
public readonly record struct RetryAdvice(TimeSpan? FreeIn, bool IsSpent)
{
    // Clients obey no longer time.
    private static readonly TimeSpan WorthWaiting = TimeSpan.FromMinutes(1);

    private bool IsSoon => FreeIn <= WorthWaiting;

    /// <summary>Puts it into a refusal of the edge's own.</summary>
    public EdgeError ApplyTo(EdgeError error) =>
        error with { RetryAfter = FreeIn ?? error.RetryAfter, IsFinal = error.IsFinal || IsSpent, IsRetryable = IsSoon && !error.IsFinal };

    /// <summary>Puts it into a provider's, in place of what the provider says: that is about one of them.</summary>
    public void WriteTo(IHeaderDictionary headers)
    {
        if (FreeIn is { } wait)
        {
            ErrorWriter.WriteRetryAfter(headers, wait);
        }

        if (IsSoon || IsSpent)
        {
            headers[ErrorWriter.ShouldRetry] = IsSpent ? "false" : "true";
        }
    }
}
