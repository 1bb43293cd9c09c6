using Cencori.Edge.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Cencori.Edge.Errors;

/// <summary>
/// Stands around everything that can fail. Gives the request its id and its clock, and turns whatever escaped below — a refusal, an exception, a bare
/// status — into one body of the contract.
/// </summary>
public sealed partial class ErrorsMiddleware(RequestDelegate next, TimeProvider time, ILogger<ErrorsMiddleware> logger)
{
    /// <summary>What nginx calls a request whose client left; it reaches no client, only our own records.</summary>
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        var timing = new RequestTiming(context, time);
        context.Features.Set(timing);
        context.TraceIdentifier = RequestId.For(context.Request, time.GetUtcNow());

        // Runs after the proxy has copied the provider's headers, so ours are the ones that stay.
        context.Response.OnStarting(
            static state =>
            {
                var timing = (RequestTiming)state;
                timing.Context.Response.Headers[RequestId.HeaderName] = timing.Context.TraceIdentifier;
                timing.WriteHeader();
                return Task.CompletedTask;
            },
            timing);

        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to tell.
        }
        catch (Exception exception) when (exception is ConnectionResetException or { InnerException: ConnectionAbortedException })
        {
            // The same, told by a read of the body a moment before RequestAborted tells it.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : ClientClosedRequest;

            // The server may not know yet. It would try to read the rest of the body, and log that as an error.
            context.Abort();
            return;
        }
        catch (BadHttpRequestException exception)
        {
            await context.Refuse(FromBadRequest(exception));
        }
        catch (Exception exception)
        {
            Log.UnhandledException(logger, exception, context.TraceIdentifier);
            await context.Refuse(new EdgeError(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}"));

            // A truncated body must not look complete.
            if (context.Response.HasStarted)
            {
                context.Abort();
            }
        }

        if (context.Response.HasStarted)
        {
            return;
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;
        }
        else if ((context.GetRefusal() ?? FromBareStatus(context)) is { } error)
        {
            await ErrorWriter.WriteAsync(context, error);
        }
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
        404 => NotFound(context.Request.Path),
        405 => new(ErrorKind.MethodNotAllowed, $"{context.Request.Method} is not allowed here."),
        413 => new(ErrorKind.RequestTooLarge, "The request body is larger than this edge accepts."),
        415 => new(ErrorKind.UnsupportedMediaType, "The request body must be application/json."),
        < 500 => EdgeError.Invalid("The request could not be read."),
        _ => new(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}"),
    };

    private static EdgeError NotFound(PathString path) => new(
        ErrorKind.NotFound,
        path.StartsWithSegments("/api") || path.StartsWithSegments("/v1")
            ? "There is nothing at this path."
            : "There is nothing at this path. OpenAI endpoints are below /v1: is the base URL missing it?");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {RequestId} failed with an unhandled exception.", EventName = "UnhandledException")]
        public static partial void UnhandledException(ILogger logger, Exception exception, string requestId);
    }
}
