using Microsoft.AspNetCore.Connections;

namespace Cencori.Edge.Errors;

/// <summary>Tells a body that could not be read because its caller has left, in whichever way, from one that is wrong.</summary>
internal static class ClientDisconnected
{
    // The server's own words. Nothing else of what it throws where a caller closes its side tells that from a body that is wrong.
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
