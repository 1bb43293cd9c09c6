using Microsoft.AspNetCore.Connections;

namespace Cencori.Edge.Errors;

/// <summary>Distinguishes a body that could not be read because the caller disconnected from a body that is invalid.</summary>
internal static class ClientDisconnected
{
    // Kestrel's own message. No other property of the exception distinguishes a caller that closed its side from an invalid body.
    private const string UnexpectedEnd = "Unexpected end of request content.";

    public static bool Is(Exception? exception) => exception switch
    {
        null => false,
        ConnectionResetException or ConnectionAbortedException => true,
        BadHttpRequestException { Message: UnexpectedEnd } => true,
        AggregateException many => many.InnerExceptions.Any(Is),
        _ => Is(exception.InnerException),
    };
}
