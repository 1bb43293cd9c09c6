using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Errors;

/// <summary>Writes the error body of a request that ended with a refusal, an exception or an error status without a body.</summary>
public sealed partial class ErrorHandler(TimeProvider time, ILogger<ErrorHandler> logger)
{
    /// <summary>The status that nginx logs when the client has disconnected. Appears only in the edge's own records, never in a response.</summary>
    public const int ClientClosedRequest = 499;

    private readonly ThrottledWarnings _unhandled = new(time, most: 10);

    /// <summary>Handles an exception that no inner middleware has caught.</summary>
    /// <returns>False when there is no client left to respond to.</returns>
    public bool TryHandle(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested:
                AbortDisconnected(context);
                return true;
            case var _ when ClientDisconnected.Is(exception):
                // This is also a disconnect: a read of the body may fail shortly before RequestAborted is signalled.
                AbortDisconnected(context);
                return false;
            case BadHttpRequestException bad:
                context.Refuse(FromBadRequest(bad));
                return true;
            default:
                LogUnhandled(context, exception);
                context.Refuse(new EdgeError(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}"));

                // A truncated body must not look complete.
                if (context.Response.HasStarted)
                {
                    context.Abort();
                }

                return true;
        }
    }

    /// <summary>Aborts a request whose caller has disconnected, and sets status 499. Kestrel may not have noticed the disconnect yet.</summary>
    public static void AbortDisconnected(HttpContext context)
    {
        context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : ClientClosedRequest;

        // Otherwise Kestrel would try to read the rest of the body, and log that as an error.
        context.Abort();
    }

    /// <summary>Logs a failure of the edge itself. Callers can trigger one failure many times, so each source of an exception is logged at most ten times a minute.</summary>
    public void LogUnhandled(HttpContext context, Exception exception)
    {
        if (_unhandled.IsDue($"{exception.GetType()} {exception.TargetSite?.DeclaringType} {exception.TargetSite?.Name}"))
        {
            Log.UnhandledException(logger, exception, context.TraceIdentifier);
        }
    }

    /// <summary>Writes the error response of a request that has no response yet.</summary>
    public static Task RespondAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        if (context.RequestAborted.IsCancellationRequested || context.Response.StatusCode == ClientClosedRequest)
        {
            context.Response.StatusCode = ClientClosedRequest;
            return Task.CompletedTask;
        }

        if (context.GetRefusal() is null && FromBareStatus(context) is { } bare)
        {
            context.Refuse(bare);
        }

        return context.GetRefusal() is { } error ? ErrorWriter.WriteAsync(context, error) : Task.CompletedTask;
    }

    /// <summary>Maps an exception of Kestrel or of endpoint binding to an error. Uses the exception's status, never its message.</summary>
    public static EdgeError FromBadRequest(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => new(ErrorKind.RequestTooLarge, "The request body is larger than this edge accepts (Limits:MaxRequestBodyBytes)."),
        StatusCodes.Status415UnsupportedMediaType => new(ErrorKind.UnsupportedMediaType, "The request body must be application/json."),
        StatusCodes.Status408RequestTimeout => new(ErrorKind.InvalidRequest, "The request body arrived too slowly.") { Status = 408, IsFinal = false },
        _ => EdgeError.Invalid("The request could not be read."),
    };

    private static EdgeError? FromBareStatus(HttpContext context) => context.Response.StatusCode switch
    {
        < 400 => null,
        401 => new(ErrorKind.InvalidApiKey, "A valid API key is required."),
        403 => new(ErrorKind.InsufficientPermissions, "This request is not allowed."),
        404 => NotFound(context),
        405 => new(ErrorKind.MethodNotAllowed, $"{context.Request.Method} is not allowed at this path."),
        413 => new(ErrorKind.RequestTooLarge, "The request body is larger than this edge accepts."),
        415 => new(ErrorKind.UnsupportedMediaType, "The request body must be application/json."),
        < 500 => EdgeError.Invalid("The request could not be read."),
        _ => new(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}"),
    };

    private static EdgeError NotFound(HttpContext context) => new(
        ErrorKind.NotFound,
        context.Features.Get<IErrorFeature>() is { IsBelowBaseUrl: false }
            ? "There is nothing at this path. OpenAI endpoints are below /v1: does your base URL lack /v1?"
            : "There is nothing at this path.");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {RequestId} failed with an unhandled exception. Each source of this error is logged at most ten times a minute.", EventName = "UnhandledException")]
        public static partial void UnhandledException(ILogger logger, Exception exception, string requestId);
    }
}
