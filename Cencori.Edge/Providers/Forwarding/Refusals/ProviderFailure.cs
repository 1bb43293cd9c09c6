using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>Creates the edge's error for a request that YARP could not forward, or whose response YARP could not pass on.</summary>
public static class ProviderFailure
{
    private const int LongestReason = 300;

    public static EdgeError Explain(ForwarderError failure, Exception? exception, string provider, string requestId) => failure switch
    {
        ForwarderError.NoAvailableDestinations => Unavailable(provider),
        ForwarderError.Request when Find<RefusedAddressException>(exception) is not null => AddressRefused(provider),
        ForwarderError.Request when WasNeverSent(exception) => Unavailable(provider),
        ForwarderError.Request when WasSilent(exception) => TimedOut(provider),
        ForwarderError.RequestTimedOut when exception?.InnerException is TimeoutException => Unavailable(provider),
        ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => TimedOut(provider),

        // No byte of the body came after the response headers until the timeout. A disconnect of the caller is handled elsewhere.
        ForwarderError.ResponseBodyDestination or ForwarderError.ResponseBodyCanceled when exception is TimeoutException or OperationCanceledException => TimedOut(provider),

        ForwarderError.RequestBodyClient when IsOfProvider(exception) => ResponseInterrupted(provider),
        ForwarderError.RequestBodyClient when Find<BadHttpRequestException>(exception) is { } bad => ErrorHandler.FromBadRequest(bad),

        // Stages that inspect the body throw an InvalidDataException whose message may be shown to the caller.
        ForwarderError.RequestBodyClient => EdgeError.Invalid(Find<InvalidDataException>(exception)?.Message ?? "The request body could not be read to its end."),
        ForwarderError.RequestCreation => new(ErrorKind.InternalError, $"The edge failed. Request id: {requestId}"),
        _ => ResponseInterrupted(provider),
    };

    /// <summary>The error for an event stream that held only an error, or nothing at all.</summary>
    internal static EdgeError OfStream(Attempt attempt, in RefusalText text)
    {
        var said = text.Message is { } message ? CredentialMask.Of(attempt.Credential?.Secret)?.Apply(message) ?? message : null;
        return new(ErrorKind.ProviderError, said is null
            ? $"The provider '{attempt.Provider.Id}' ended its response before any output."
            : $"The provider '{attempt.Provider.Id}' failed before any output: {said[..Math.Min(said.Length, LongestReason)]}");
    }

    /// <summary>Classifies how the attempt ended.</summary>
    public static AttemptEnd EndOf(ForwarderError failure, Exception? exception) => failure switch
    {
        ForwarderError.NoAvailableDestinations => AttemptEnd.NeverSent,
        _ when WasNeverSent(exception) => AttemptEnd.NeverSent,
        ForwarderError.RequestBodyClient when !IsOfProvider(exception) => AttemptEnd.CallerLeft,
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient
            or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient
            or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient => AttemptEnd.CallerLeft,
        _ => AttemptEnd.Failed,
    };

    /// <summary>True: the attempt was given up because its response did not begin in time.</summary>
    public static bool WasSilent(Exception? exception) => exception is HttpRequestException { InnerException: TimeoutException };

    /// <summary>True: the provider cannot have seen the request, and so cannot have billed it.</summary>
    public static bool WasNeverSent(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    // True: the provider's side failed while the caller still sent the body, and YARP cancelled the read from the caller. The bytes read so far are lost, so no retry is possible.
    private static bool IsOfProvider(Exception? exception) =>
        exception is AggregateException { InnerExceptions: [OperationCanceledException, HttpRequestException] } && !ClientDisconnected.Is(exception);

    private static EdgeError Unavailable(string provider) => new(ErrorKind.ProviderUnavailable, $"The provider '{provider}' cannot be reached.");

    private static EdgeError AddressRefused(string provider) => new(
        ErrorKind.ProviderUnavailable,
        $"The base URL that the project has set for the provider '{provider}' leads to an address that this edge does not connect to: the address is not public, or belongs to the edge itself. The operator can allow it in {EgressGuard.Setting}.")
    {
        Reason = EgressGuard.Reason,
        IsFinal = true,
    };

    private static EdgeError ResponseInterrupted(string provider) => new(ErrorKind.ProviderError, $"The provider '{provider}' broke off, or its response could not be read.");

    private static EdgeError TimedOut(string provider) => new(ErrorKind.ProviderTimeout, $"The provider '{provider}' did not respond in time.");

    private static T? Find<T>(Exception? exception)
        where T : Exception => exception switch
        {
            null => null,
            T found => found,
            AggregateException many => many.InnerExceptions.Select(Find<T>).FirstOrDefault(found => found is not null),
            _ => Find<T>(exception.InnerException),
        };
}
