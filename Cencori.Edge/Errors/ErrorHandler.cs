using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Errors;

/// <summary>Turns whatever a request ended with, a refusal, an exception or a bare status, into one body of the contract.</summary>
public sealed partial class ErrorHandler(TimeProvider time, ILogger<ErrorHandler> logger)
{
    /// <summary>What nginx calls a request whose client left; it reaches no client, only our own records.</summary>
    public const int ClientClosedRequest = 499;

    private readonly ThrottledWarnings _unhandled = new(time, most: 10);

    /// <summary>Takes an exception that nobody below has caught.</summary>
    /// <returns>False: nobody is left to answer.</returns>
    public bool TryHandle(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested:
                Leave(context);
                return true;
            case var _ when ClientDisconnected.Is(exception):
                // The same, told by a read of the body a moment before RequestAborted tells it.
                Leave(context);
                return false;
            case BadHttpRequestException bad:
                context.Refuse(FromBadRequest(bad));
                return true;
            default:
                Tell(context, exception);
                context.Refuse(new EdgeError(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}"));

                // A truncated body must not look complete.
                if (context.Response.HasStarted)
                {
                    context.Abort();
                }

                return true;
        }
    }

    /// <summary>The caller of this request has left, which the server may not know yet: there is nothing more to read, and nobody to answer.</summary>
    public static void Leave(HttpContext context)
    {
        context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : ClientClosedRequest;

        // It would try to read the rest of the body, and log that as an error.
        context.Abort();
    }

    /// <summary>A failure of the edge itself, which whoever has found it can repeat: told ten times a minute at most for where it was thrown.</summary>
    public void Tell(HttpContext context, Exception exception)
    {
        if (_unhandled.IsDue($"{exception.GetType()} {exception.TargetSite?.DeclaringType} {exception.TargetSite?.Name}"))
        {
            Log.UnhandledException(logger, exception, context.TraceIdentifier);
        }
    }

    /// <summary>Answers a request that has no response yet, where it ended with an error.</summary>
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

    /// <summary>Kestrel and the endpoint binding say what is wrong with a request in their own words; their status is what counts.</summary>
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
        405 => new(ErrorKind.MethodNotAllowed, $"{context.Request.Method} is not allowed here."),
        413 => new(ErrorKind.RequestTooLarge, "The request body is larger than this edge accepts."),
        415 => new(ErrorKind.UnsupportedMediaType, "The request body must be application/json."),
        < 500 => EdgeError.Invalid("The request could not be read."),
        _ => new(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}"),
    };

    private static EdgeError NotFound(HttpContext context) => new(
        ErrorKind.NotFound,
        context.Features.Get<IErrorFeature>() is { IsBelowBaseUrl: false }
            ? "There is nothing at this path. OpenAI endpoints are below /v1: is the base URL missing it?"
            : "There is nothing at this path.");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {RequestId} failed with an unhandled exception. The same is told ten times a minute at most.", EventName = "UnhandledException")]
        public static partial void UnhandledException(ILogger logger, Exception exception, string requestId);
    }
}
