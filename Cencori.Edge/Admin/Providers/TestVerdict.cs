using System.Net.Sockets;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Finds the result of a credential test, and explains what to do.</summary>
/// <param name="Result">The result.</param>
/// <param name="Message">Explanation of one or two sentences.</param>
internal readonly record struct TestVerdict(ProviderTestResult Result, string Message)
{
    /// <param name="exchange">The finished request of the test.</param>
    /// <param name="providerMessage">Error message in the provider's response. Null: no readable message.</param>
    /// <param name="isLate">True: the test timed out.</param>
    public static TestVerdict Of(Exchange exchange, string? providerMessage, bool isLate)
    {
        if (exchange.Last is not { } attempt)
        {
            return new(ProviderTestResult.NotSent, $"The test was not sent. {exchange.Refusal?.Message ?? "The edge refused it."}");
        }

        var isOwnAddress = attempt.Credential?.BaseUrl is not null;
        return attempt.Status switch
        {
            _ when isLate => new(ProviderTestResult.TimedOut, $"The provider did not respond within {ProviderTester.Timeout.TotalSeconds:0} s. Try again. If it fails again, check {CheckHint(isOwnAddress)}."),
            null => OfNoResponse(exchange, isOwnAddress),
            >= 200 and < 300 when exchange.Refusal is null && attempt is { HasEnded: true, Meter: not { HasError: true } } => new(ProviderTestResult.Works, "The credential works."),
            >= 200 and < 300 => new(ProviderTestResult.ProviderFailed, exchange.Refusal?.Message ?? "The provider's response breaks off, or contains an error. Try again later."),
            401 or 403 => new(ProviderTestResult.CredentialRefused, $"The credential is refused ({attempt.Status}): replace it."),
            400 when exchange.Refusal?.Kind == ErrorKind.ProviderAuthFailed || IsOfCredential(providerMessage) => new(ProviderTestResult.CredentialRefused, $"The credential is refused ({attempt.Status}): replace it."),
            402 or 429 => new(ProviderTestResult.LimitReached, $"The credential is accepted, but its account has reached a limit ({attempt.Status}): wait, or check the provider's plan and billing."),
            404 => new(ProviderTestResult.ModelUnknown, $"The provider responds with 404: it has no such model, or no endpoint at this address. Name another model{(isOwnAddress ? ", or check the base URL, which replaces /v1" : "")}."),
            >= 400 and < 500 => new(ProviderTestResult.RequestRefused, $"The provider refuses the request ({attempt.Status}): name another model."),
            { } status => new(ProviderTestResult.ProviderFailed, $"The provider fails ({status}). {exchange.Refusal?.Message ?? "Try again later."}"),
        };
    }

    private static TestVerdict OfNoResponse(Exchange exchange, bool isOwnAddress)
    {
        var error = exchange.Refusal;
        if (error?.Reason == EgressGuard.Reason)
        {
            return new(ProviderTestResult.AddressRefused, error.Message);
        }

        if (error?.Kind == ErrorKind.ProviderTimeout)
        {
            return new(ProviderTestResult.TimedOut, $"{error.Message} Try again. If it fails again, check {CheckHint(isOwnAddress)}.");
        }

        var failure = exchange.Context.GetForwarderErrorFeature();
        return failure?.Exception is { } exception && DescribeFault(exception) is { } reason
            ? new(ProviderTestResult.Unreachable, $"The address does not respond: {reason}. Check {CheckHint(isOwnAddress)}.")
            : new(ProviderTestResult.ProviderFailed, error?.Message ?? "The provider broke off.");
    }

    private static string CheckHint(bool isOwnAddress) => isOwnAddress ? "whether the base URL is right" : "whether the edge may reach the internet, and through which proxy";

    private static string? DescribeFault(Exception exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its host name cannot be resolved",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "the server does not use TLS, or its certificate is not trusted",
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy does not let the edge through",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } connection => SocketOf(connection) switch
        {
            SocketError.ConnectionRefused => "the connection is refused",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => "it cannot be reached",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "its host name cannot be resolved",
            _ => "there is no connection",
        },
        _ when exception.InnerException is TimeoutException => "there is no connection",
        _ => null,
    };

    private static SocketError? SocketOf(Exception? exception) => exception is null or SocketException ? (exception as SocketException)?.SocketErrorCode : SocketOf(exception.InnerException);

    // True if the message reports an invalid key. Google does so with status 400 and one of these texts.
    private static bool IsOfCredential(string? providerMessage) => providerMessage?.Contains("API key not valid", StringComparison.OrdinalIgnoreCase) == true || providerMessage?.Contains("API_KEY_INVALID", StringComparison.Ordinal) == true;
}
