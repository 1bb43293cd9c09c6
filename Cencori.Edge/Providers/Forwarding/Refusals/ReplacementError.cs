using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>Creates the error that replaces a provider's response, if the response rejects the project's credential or cannot be passed on.</summary>
internal static class ReplacementError
{
    /// <param name="response">The provider's response.</param>
    /// <param name="body">The body as the headers announce it.</param>
    /// <param name="cause">Why the provider rejects the request, according to the body.</param>
    /// <param name="attempt">The attempt that the response belongs to.</param>
    /// <param name="now">Used if the response has no date of its own.</param>
    /// <returns>The error. Null: the response is passed on.</returns>
    public static EdgeError? Of(HttpResponseMessage response, in ResponseBodyInfo body, RefusalCause cause, Attempt attempt, DateTimeOffset now)
    {
        var (provider, status) = (attempt.Provider.Id, body.Status);
        if (status == StatusCodes.Status401Unauthorized || cause == RefusalCause.Credential)
        {
            // This is not passed on: the caller would blame its own key, and the text may show a part of the provider credential.
            return new EdgeError(ErrorKind.ProviderAuthFailed, $"The provider '{provider}' refused the project's credential ({status}).");
        }

        if (status == StatusCodes.Status508LoopDetected)
        {
            return new EdgeError(ErrorKind.LoopDetected, $"The address of the provider '{provider}' leads back to this edge.");
        }

        if (IsUnsendable(status, response) || (status == StatusCodes.Status101SwitchingProtocols && attempt.Handshake is null))
        {
            return new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' answered {status:000}, which the edge cannot pass on.");
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

        // Replaces a body that the edge cannot decode but would have to change: to remove the usage event that the caller did not ask for,
        // to mask the provider credential, to hold back a tool call, or to rewrite the response for a native endpoint (/api/ai/…).
        return body.Encodings is null && ((status < 300 ? attempt.HidesUsage || attempt.Holder is not null : attempt.Credential?.Secret is not null) || attempt.Native?.Rewrites(status) == true)
            ? new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' used a content encoding that the edge did not ask for.")
            : null;
    }

    // True: the number is no HTTP status, or the status allows no body and the response announces one. No server can send that to a client.
    private static bool IsUnsendable(int status, HttpResponseMessage response)
    {
        var length = response.Content.Headers.ContentLength;
        return status is < 100 or > 599
            || (status == StatusCodes.Status204NoContent && (length > 0 || ResponseBodyInfo.IsChunked(response)))
            || (status == StatusCodes.Status205ResetContent && length != 0);
    }
}
