using System.Net.Http.Headers;
using Cencori.Edge.Errors;
using Yarp.ReverseProxy.Transforms;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// What becomes of a provider's answer. Its own refusals of the request reach the caller as they are; what it says about
/// our credential, or says unreadably, becomes an error of the contract.
/// </summary>
public sealed partial class ProviderAnswer(TimeProvider time, ILogger<ProviderAnswer> logger)
{
    private const string EventStreamType = "text/event-stream";

    public ValueTask Apply(ResponseTransformContext context)
    {
        // Null when the provider could not be reached at all.
        if (context.ProxyResponse is not { } answer || context.HttpContext.Features.Get<Attempt>() is not { } attempt)
        {
            return default;
        }

        var status = (int)answer.StatusCode;
        attempt.Status = status;
        attempt.AnsweredAt = time.GetTimestamp();
        var contentType = answer.Content.Headers.ContentType;
        var isEventStream = string.Equals(contentType?.MediaType, EventStreamType, StringComparison.OrdinalIgnoreCase);
        attempt.Meter?.Begin(status, isEventStream);
        attempt.Payload?.Begin(isText: (isEventStream || IsJson(contentType)) && answer.Content.Headers.ContentEncoding.Count == 0);
        if (status == StatusCodes.Status429TooManyRequests)
        {
            context.HttpContext.Response.Headers["X-Cencori-Limited-By"] = "provider";
        }

        if (status is 401 or 403)
        {
            // Not passed on: the caller would blame its own key, and the text may show part of ours.
            Log.CredentialRefused(logger, attempt.Provider.Id, status, attempt.Credential?.ToString());
            Replace(context, attempt, new EdgeError(ErrorKind.ProviderAuthFailed, $"The provider '{attempt.Provider.Id}' refused the project's credential ({status})."));
        }
        else if (IsNone(status, answer.Content.Headers.ContentLength) || (status == StatusCodes.Status101SwitchingProtocols && attempt.Handshake is null))
        {
            Replace(context, attempt, new EdgeError(ErrorKind.ProviderError, $"The provider '{attempt.Provider.Id}' answered {status:000}, which is no answer to pass on."));
        }
        else if (status is >= 300 and < 400 and not StatusCodes.Status304NotModified || (status >= 500 && !IsJson(contentType)))
        {
            Replace(context, attempt, new EdgeError(ErrorKind.ProviderError, $"The provider '{attempt.Provider.Id}' answered {status} in a form the edge cannot pass on."));
        }
        else if (isEventStream)
        {
            PassEventStream(context.HttpContext.Response, answer, attempt);
        }
        else if (status != StatusCodes.Status101SwitchingProtocols)
        {
            Pass(answer, attempt);
        }

        return default;
    }

    // No status of HTTP, or one without a body that promises one: no server can say that to a client.
    private static bool IsNone(int status, long? length) =>
        status is < 100 or > 599
        || (status == StatusCodes.Status204NoContent && length > 0)
        || (status == StatusCodes.Status205ResetContent && length != 0);

    private static bool IsJson(MediaTypeHeaderValue? contentType) =>
        contentType?.MediaType is { } type && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static void Replace(ResponseTransformContext context, Attempt attempt, EdgeError error)
    {
        attempt.End = AttemptEnd.Replaced;
        context.SuppressResponseBody = true;
        context.HttpContext.Response.Clear();
        context.HttpContext.Refuse(error);
    }

    private void Pass(HttpResponseMessage answer, Attempt attempt) => answer.Content = new ResponseContent(
        answer.Content, new ForwardedResponse(attempt, isEventStream: false, answer.Content.Headers.ContentLength, time, logger));

    private void PassEventStream(HttpResponse response, HttpResponseMessage answer, Attempt attempt)
    {
        // Intermediaries that buffer or recompress would turn a stream into one late lump.
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";

        // An announced length would leave no room for the error event of a stream that breaks.
        response.ContentLength = null;
        answer.Content = new ResponseContent(answer.Content, new ForwardedResponse(attempt, isEventStream: true, length: null, time, logger));
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "Provider {Provider} answered {Status} to the credential {Credential}.", EventName = "CredentialRefused")]
        public static partial void CredentialRefused(ILogger logger, string provider, int status, string? credential);
    }
}
