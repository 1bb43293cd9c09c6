using System.Globalization;
using Cencori.Edge.Bodies;
using Cencori.Edge.Dialects;
using Cencori.Edge.Errors;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// What becomes of a provider's answer. Its own refusals of the request reach the caller as they are, but for what they repeat of our
/// credential; what it says against that credential, or says unreadably, becomes an error of the contract.
/// </summary>
public sealed class ProviderAnswer(TimeProvider time, ProviderLog log)
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
        attempt.RetryAfter = attempt.Judge is null || status < 400 ? null : RetryAfterOf(answer);
        if (attempt.Judge?.PassesOver(status, attempt.RetryAfter) == true)
        {
            PassOver(context, attempt, status);
            return default;
        }

        return attempt.Judge is { HasOther: true } other && status == StatusCodes.Status200OK && AnnouncedBody.Of(answer, attempt) is { IsEventStream: true, Encodings: [] }
            ? PeekAsync(context, answer, attempt, other)
            : Accept(context, answer, attempt);
    }

    // Headers go to the caller with the first byte of the body and not before, so that it waits no longer.
    private async ValueTask PeekAsync(ResponseTransformContext context, HttpResponseMessage answer, Attempt attempt, IAttemptJudge judge)
    {
        var patience = attempt.IsStream ? judge.Patience - time.GetElapsedTime(attempt.ForwardedAt) : null;
        var events = await PeekedEvents.OpenAsync(await answer.Content.ReadAsStreamAsync(context.CancellationToken), patience, time, context.CancellationToken);
        if ((events.HasFailed && judge.PassesOverStream()) || (events.IsSilent && judge.PassesOverSilence()))
        {
            PassOver(context, attempt, StatusCodes.Status200OK);
            return;
        }

        answer.Content = new PeekedContent(answer.Content, events);
        await Accept(context, answer, attempt);
    }

    private ValueTask Accept(ResponseTransformContext context, HttpResponseMessage answer, Attempt attempt)
    {
        var status = (int)answer.StatusCode;
        (attempt.Body as SplicedContent)?.Release();
        attempt.ProviderRequestId = ToldOfRequest.IdIn(answer.Headers);
        attempt.MadeBelow = ToldOfRequest.PlaceIn(answer, attempt.Path);
        var body = AnnouncedBody.Of(answer, attempt);
        attempt.Meter?.Begin(status, body.IsEventStream);
        attempt.Payload?.Begin(body.IsText);
        if (ErrorInItsPlace(answer, status, body, attempt) is { } error)
        {
            Replace(context, attempt, error);
        }
        else if (status != StatusCodes.Status101SwitchingProtocols)
        {
            Pass(context.HttpContext.Response, answer, body, attempt);
        }

        return default;
    }

    private void PassOver(ResponseTransformContext context, Attempt attempt, int status)
    {
        attempt.End = AttemptEnd.PassedOver;
        context.SuppressResponseBody = true;
        context.HttpContext.Response.Clear();
        if (status == StatusCodes.Status401Unauthorized)
        {
            log.CredentialRefused(attempt, status);
        }
    }

    private EdgeError? ErrorInItsPlace(HttpResponseMessage answer, int status, in AnnouncedBody body, Attempt attempt)
    {
        var provider = attempt.Provider.Id;
        if (status == StatusCodes.Status401Unauthorized)
        {
            // Not passed on: the caller would blame its own key, and the text may show part of ours.
            log.CredentialRefused(attempt, status);
            return new EdgeError(ErrorKind.ProviderAuthFailed, $"The provider '{provider}' refused the project's credential ({status}).");
        }

        if (status == StatusCodes.Status508LoopDetected)
        {
            return new EdgeError(ErrorKind.LoopDetected, $"The address of the provider '{provider}' leads back to this edge.");
        }

        if (IsNone(status, answer) || (status == StatusCodes.Status101SwitchingProtocols && attempt.Handshake is null))
        {
            return new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' answered {status:000}, which is no answer to pass on.");
        }

        if (status >= 500 && !AnnouncedBody.IsJson(answer.Content.Headers.ContentType))
        {
            return status == StatusCodes.Status503ServiceUnavailable
                ? new EdgeError(ErrorKind.ProviderUnavailable, $"The provider '{provider}' is not available ({status}).") { RetryAfter = RetryAfterOf(answer) }
                : new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' answered {status} in a form the edge cannot pass on.") { RetryAfter = RetryAfterOf(answer) };
        }

        if (status is >= 300 and < 400)
        {
            return new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' answered {status} in a form the edge cannot pass on.");
        }

        // The event with the usage, which the caller has not asked for, could not be taken out of it, nor our credential, nor a call that is
        // held; nor could it be told otherwise.
        return body.Encodings is null && ((status < 300 ? attempt.HidesUsage || attempt.Holder is not null : attempt.Credential?.Secret is not null) || attempt.Native?.Rewrites(status) == true)
            ? new EdgeError(ErrorKind.ProviderError, $"The provider '{provider}' encoded its answer in a way that nobody has asked for.")
            : null;
    }

    // No status of HTTP, or one without a body that promises one: no server can say that to a client.
    private static bool IsNone(int status, HttpResponseMessage answer)
    {
        var length = answer.Content.Headers.ContentLength;
        return status is < 100 or > 599
            || (status == StatusCodes.Status204NoContent && (length > 0 || IsChunked(answer)))
            || (status == StatusCodes.Status205ResetContent && length != 0);
    }

    private static bool IsChunked(HttpResponseMessage answer) => answer.Headers.NonValidated.Contains("Transfer-Encoding");

    private static void Replace(ResponseTransformContext context, Attempt attempt, EdgeError error)
    {
        attempt.End = AttemptEnd.Replaced;
        context.SuppressResponseBody = true;
        context.HttpContext.Response.Clear();
        context.HttpContext.Refuse(error);
    }

    private void Pass(HttpResponse response, HttpResponseMessage answer, in AnnouncedBody body, Attempt attempt)
    {
        if (body.Encodings is { } encodings && response.Headers.ContentEncoding.Count > 0)
        {
            response.Headers.ContentEncoding = default;
            response.ContentLength = encodings.Length > 0 ? null : response.ContentLength;
        }

        if (response.ContentLength is not null && IsChunked(answer))
        {
            // By the specification the chunks say where the body ends, and the length is a lie.
            response.ContentLength = null;
        }

        if (attempt.Holder is not null)
        {
            // What is held back is missing in it.
            response.ContentLength = null;
        }

        var mask = body.Status >= 400 ? PrepareRefusal(response, body.Status, attempt) : null;
        if (attempt.Native?.Rewrites(body.Status) == true)
        {
            PrepareNative(response, body.Status);
        }

        answer.Content = new ResponseContent(answer.Content, body, mask, attempt, new ForwardedResponse(attempt, response, time), body.Status >= 400 ? RetryAfterOf(answer) : null);
    }

    // The body becomes another.
    private static void PrepareNative(HttpResponse response, int status)
    {
        response.ContentLength = null;
        response.Headers.ETag = default;
        if (status < 400)
        {
            return;
        }

        response.ContentType = ErrorWriter.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentLanguage = default;
        if (NativeAnswer.KindOf(status).IsFinal)
        {
            response.Headers["x-should-retry"] = "false";
        }
    }

    private static CredentialMask? PrepareRefusal(HttpResponse response, int status, Attempt attempt)
    {
        // The provider's phrase is read by nobody but people.
        response.HttpContext.Features.Get<IHttpResponseFeature>()?.ReasonPhrase = null;
        var mask = CredentialMask.Of(attempt.Credential?.Secret);
        if (mask is not null)
        {
            if (attempt.ProviderRequestId is { } id && mask.Apply(id) != id)
            {
                attempt.ProviderRequestId = null;
            }

            foreach (var (name, values) in response.Headers.ToArray())
            {
                var masked = Array.ConvertAll(values.ToArray(), value => mask.Apply(value ?? ""));
                if (!values.SequenceEqual(masked))
                {
                    response.Headers[name] = masked;
                }
            }
        }

        if (status is StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests)
        {
            response.Headers[status == StatusCodes.Status403Forbidden ? "X-Cencori-Refused-By" : "X-Cencori-Limited-By"] = "provider";
        }

        return mask;
    }

    /// <summary>When the provider wants to be asked again; null where it does not say, or not readably.</summary>
    private TimeSpan? RetryAfterOf(HttpResponseMessage answer)
    {
        if (answer.Headers.NonValidated.TryGetValues("retry-after-ms", out var precise)
            && double.TryParse(precise.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and <= int.MaxValue)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        return answer.Headers.RetryAfter is not { } told ? null
            : told.Delta ?? (told.Date - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero ? wait : null);
    }
}
