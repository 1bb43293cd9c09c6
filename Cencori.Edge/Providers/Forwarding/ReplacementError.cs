using Cencori.Edge.Errors;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>What a caller gets in place of a provider's response that says something against our credential, or says it unreadably.</summary>
internal static class ReplacementError
{
    /// <param name="response">The provider's.</param>
    /// <param name="body">As its head announces it.</param>
    /// <param name="attempt">What was asked for.</param>
    /// <param name="now">Where it says no time of its own.</param>
    /// <returns>Null: it is passed on.</returns>
    public static EdgeError? Of(HttpResponseMessage response, in ResponseBodyInfo body, Attempt attempt, DateTimeOffset now)
    {
        var (provider, status) = (attempt.Provider.Id, body.Status);
        if (status == StatusCodes.Status401Unauthorized)
        {
            // Not passed on: the caller would blame its own key, and the text may show part of ours.
            return new EdgeError(ErrorKind.ProviderAuthFailed, $"The provider '{provider}' refused the project's credential ({status}).");
        }

        if (status == StatusCodes.Status508LoopDetected)
        {
            return new EdgeError(ErrorKind.LoopDetected, $"The address of the provider '{provider}' leads back to this edge.");
        }

        if (IsNone(status, response) || (status == StatusCodes.Status101SwitchingProtocols && attempt.Handshake is null))
        {
            return new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' answered {status:000}, which is no answer to pass on.");
        }

        if (status >= 500 && !ResponseBodyInfo.IsJson(response.Content.Headers.ContentType))
        {
            return status == StatusCodes.Status503ServiceUnavailable
                ? new EdgeError(ErrorKind.ProviderUnavailable, $"The provider '{provider}' is not available ({status}).") { RetryAfter = RetryAfterParser.Parse(response, now) }
                : new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' answered {status} in a form the edge cannot pass on.") { RetryAfter = RetryAfterParser.Parse(response, now) };
        }

        if (status is >= 300 and < 400)
        {
            return new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' answered {status} in a form the edge cannot pass on.");
        }

        // The event with the usage, which the caller has not asked for, could not be taken out of it, nor our credential, nor a call that is
        // held; nor could it be told otherwise.
        return body.Encodings is null && ((status < 300 ? attempt.HidesUsage || attempt.Holder is not null : attempt.Credential?.Secret is not null) || attempt.Native?.Rewrites(status) == true)
            ? new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' encoded its answer in a way that nobody has asked for.")
            : null;
    }

    // No status of HTTP, or one without a body that promises one: no server can say that to a client.
    private static bool IsNone(int status, HttpResponseMessage response)
    {
        var length = response.Content.Headers.ContentLength;
        return status is < 100 or > 599
            || (status == StatusCodes.Status204NoContent && (length > 0 || ResponseBodyInfo.IsChunked(response)))
            || (status == StatusCodes.Status205ResetContent && length != 0);
    }
}
