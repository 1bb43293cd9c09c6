using Microsoft.AspNetCore.Connections;

namespace Cencori.Edge.Errors;

/// <summary>Detects that a request body could not be read because the caller disconnected, and not because the body is invalid.</summary>
internal static class ClientDisconnected
{
    // Kestrel's exception message after a disconnect. No other property of the exception distinguishes a disconnect from an invalid body.
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
