using Cencori.Edge.Errors;
using Yarp.ReverseProxy.Transforms;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// What becomes of a provider's answer. Its own refusals of the request reach the caller as they are; what it says about
/// our credential, or says unreadably, becomes an error of the contract.
/// </summary>
public sealed partial class ProviderAnswer(TimeProvider time, ILogger<ProviderAnswer> logger)
{
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
        attempt.ProviderRequestId = ToldOfRequest.IdIn(answer.Headers);
        attempt.MadeBelow = ToldOfRequest.PlaceIn(answer, attempt.Path);
        var body = AnnouncedBody.Of(answer, attempt);
        attempt.Meter?.Begin(status, body.IsEventStream);
        attempt.Payload?.Begin(body.IsText);
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
        else if (status is >= 300 and < 400 and not StatusCodes.Status304NotModified || (status >= 500 && !AnnouncedBody.IsJson(answer.Content.Headers.ContentType)))
        {
            Replace(context, attempt, new EdgeError(ErrorKind.ProviderError, $"The provider '{attempt.Provider.Id}' answered {status} in a form the edge cannot pass on."));
        }
        else if (body.Encodings is null && attempt.HidesUsage && status < 300)
        {
            // The event with the usage, which the caller has not asked for, could not be taken out of it.
            Replace(context, attempt, new EdgeError(ErrorKind.ProviderError, $"The provider '{attempt.Provider.Id}' encoded its answer in a way that nobody has asked for."));
        }
        else if (status != StatusCodes.Status101SwitchingProtocols)
        {
            Pass(context.HttpContext.Response, answer, body, attempt);
        }

        return default;
    }

    // No status of HTTP, or one without a body that promises one: no server can say that to a client.
    private static bool IsNone(int status, long? length) =>
        status is < 100 or > 599
        || (status == StatusCodes.Status204NoContent && length > 0)
        || (status == StatusCodes.Status205ResetContent && length != 0);

    private static void Replace(ResponseTransformContext context, Attempt attempt, EdgeError error)
    {
        attempt.End = AttemptEnd.Replaced;
        context.SuppressResponseBody = true;
        context.HttpContext.Response.Clear();
        context.HttpContext.Refuse(error);
    }

    private void Pass(HttpResponse response, HttpResponseMessage answer, AnnouncedBody body, Attempt attempt)
    {
        if (body.Encodings is { } encodings && response.Headers.ContentEncoding.Count > 0)
        {
            response.Headers.ContentEncoding = default;
            response.ContentLength = encodings.Length > 0 ? null : response.ContentLength;
        }

        answer.Content = new ResponseContent(answer.Content, body, attempt, new ForwardedResponse(attempt, response, time, logger));
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "Provider {Provider} answered {Status} to the credential {Credential}.", EventName = "CredentialRefused")]
        public static partial void CredentialRefused(ILogger logger, string provider, int status, string? credential);
    }
}
