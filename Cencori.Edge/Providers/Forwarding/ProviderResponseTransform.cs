using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Yarp.ReverseProxy.Transforms;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Decides what the caller gets of a provider's response. An error about the request passes, with the credential masked.
/// A rejection of the credential, or an unreadable response, is replaced by an error of the edge.
/// </summary>
public sealed class ProviderResponseTransform(TimeProvider time, ProviderLog log)
{
    public ValueTask Apply(ResponseTransformContext context)
    {
        // ProxyResponse is null if the provider could not be reached at all.
        if (context.ProxyResponse is not { } providerResponse || context.HttpContext.Features.Get<Attempt>() is not { } attempt)
        {
            return default;
        }

        var status = (int)providerResponse.StatusCode;
        attempt.Status = status;
        attempt.RespondedAt = time.GetTimestamp();
        if (attempt.FailoverPolicy is not { } failover)
        {
            return Refusal.MayRejectCredential(status, attempt.Provider.Id) ? JudgeAsync(context, providerResponse, attempt, failover: null) : Accept(context, providerResponse, attempt);
        }

        if (status >= 400)
        {
            return JudgeAsync(context, providerResponse, attempt, failover);
        }

        if (failover.ShouldFailOver(status, retryAfter: null))
        {
            FailOver(context, attempt);
            return default;
        }

        if (status == StatusCodes.Status200OK && ResponseBodyInfo.Of(providerResponse, attempt) is { IsEventStream: true, Encodings: [] })
        {
            return PeekAsync(context, providerResponse, attempt, failover);
        }

        failover.ResponseStarted();
        return Accept(context, providerResponse, attempt);
    }

    private async ValueTask JudgeAsync(ResponseTransformContext context, HttpResponseMessage providerResponse, Attempt attempt, IFailoverPolicy? failover)
    {
        var refusal = await Refusal.ReadAsync(providerResponse, attempt, time, context.CancellationToken);
        if (LetGo(context))
        {
            return;
        }

        var status = (int)providerResponse.StatusCode;
        attempt.RetryAfter = refusal.RetryAfter;
        if (status == StatusCodes.Status401Unauthorized || refusal.Cause is RefusalCause.Credential or RefusalCause.QuotaSpent)
        {
            log.CredentialRefused(attempt, status);
        }

        if (failover?.ShouldFailOver(status, refusal.RetryAfter, refusal.Cause) == true)
        {
            FailOver(context, attempt);
        }
        else
        {
            await Accept(context, providerResponse, attempt, refusal.Cause);
        }
    }

    // Reads the beginning of the body ahead. This delays nothing for the caller, because YARP sends the response headers together with the first byte of the body.
    private async ValueTask PeekAsync(ResponseTransformContext context, HttpResponseMessage providerResponse, Attempt attempt, IFailoverPolicy failover)
    {
        var timeout = attempt.IsStream ? failover.Timeout - time.GetElapsedTime(attempt.ForwardedAt) : null;
        var events = await PeekedEvents.OpenAsync(await providerResponse.Content.ReadAsStreamAsync(context.CancellationToken), timeout, time, context.CancellationToken);
        if (LetGo(context))
        {
            events.Dispose();
            return;
        }

        if (events.IsSilent && failover.ShouldFailOverOnSilence())
        {
            events.Dispose();
            FailOver(context, attempt);
            return;
        }

        var text = RefusalText.Read(events.Error.Span);
        var cause = Refusal.CauseOfEvent(text);
        if (events.HasFailed && cause != RefusalCause.Request && failover.ShouldFailOverStream(cause))
        {
            events.Dispose();
            FailOver(context, attempt);
        }
        else if (!events.HasFailed || cause is RefusalCause.Request or RefusalCause.TooLong)
        {
            if (events.HasBegun)
            {
                failover.ResponseStarted();
            }

            providerResponse.Content = new PeekedContent(providerResponse.Content, events);
            await Accept(context, providerResponse, attempt);
        }
        else
        {
            // Nothing has reached the caller yet, so it can still get a regular error response.
            events.Dispose();
            attempt.ProviderRequestId = ResponseHeadReader.IdIn(providerResponse.Headers);
            Replace(context, attempt, failover.Advice.ApplyTo(ProviderFailure.OfStream(attempt, text)));
        }
    }

    // Ends the attempt without a judgement if the caller has left: that ends the reading ahead too, so what was read says nothing about the target.
    private static bool LetGo(ResponseTransformContext context)
    {
        context.SuppressResponseBody = context.HttpContext.RequestAborted.IsCancellationRequested;
        return context.SuppressResponseBody;
    }

    private ValueTask Accept(ResponseTransformContext context, HttpResponseMessage providerResponse, Attempt attempt, RefusalCause cause = RefusalCause.Unknown)
    {
        var status = (int)providerResponse.StatusCode;

        // If the response breaks off before its first byte, another target may be asked.
        if (attempt.FailoverPolicy?.Timeout is null)
        {
            (attempt.Body as SplicedContent)?.Release();
        }

        attempt.ProviderRequestId = ResponseHeadReader.IdIn(providerResponse.Headers);
        attempt.CreatedPath = ResponseHeadReader.LocationIn(providerResponse, attempt.Path);
        var body = ResponseBodyInfo.Of(providerResponse, attempt);
        attempt.Meter?.Begin(status, body.IsEventStream);
        attempt.Payload?.Begin(body.IsText);
        if (status == StatusCodes.Status401Unauthorized)
        {
            log.CredentialRefused(attempt, status);
        }

        if (ReplacementError.Of(providerResponse, body, cause, attempt, time.GetUtcNow()) is { } error)
        {
            Replace(context, attempt, attempt.FailoverPolicy?.Advice.ApplyTo(error) ?? error);
        }
        else if (status != StatusCodes.Status101SwitchingProtocols)
        {
            Pass(context.HttpContext.Response, providerResponse, body, attempt);
        }

        return default;
    }

    private void FailOver(ResponseTransformContext context, Attempt attempt)
    {
        attempt.LastByteAt = time.GetTimestamp();
        attempt.End = AttemptEnd.PassedOver;
        context.SuppressResponseBody = true;
        context.HttpContext.Response.Clear();
    }

    private void Replace(ResponseTransformContext context, Attempt attempt, EdgeError error)
    {
        attempt.LastByteAt = time.GetTimestamp();
        attempt.End = AttemptEnd.Replaced;
        context.SuppressResponseBody = true;
        context.HttpContext.Response.Clear();
        context.HttpContext.Refuse(error);
    }

    private void Pass(HttpResponse response, HttpResponseMessage providerResponse, in ResponseBodyInfo body, Attempt attempt)
    {
        if (body.Encodings is { } encodings && response.Headers.ContentEncoding.Count > 0)
        {
            response.Headers.ContentEncoding = default;
            response.ContentLength = encodings.Length > 0 ? null : response.ContentLength;
        }

        if (response.ContentLength is not null && ResponseBodyInfo.IsChunked(providerResponse))
        {
            // With Transfer-Encoding the chunks delimit the body, and the announced length is invalid (RFC 9112).
            response.ContentLength = null;
        }

        if (attempt.Holder is not null || attempt.Screen is not null)
        {
            // A holder may hold back or change parts of the body, so length and ETag no longer match.
            response.ContentLength = null;
            response.Headers.ETag = default;
        }

        var advice = body.Status >= 400 ? attempt.FailoverPolicy?.Advice : null;
        var mask = body.Status >= 400 ? RefusalHeaders.Mask(response, body.Status, attempt) : null;
        if (attempt.Native?.Rewrites(body.Status) == true)
        {
            RefusalHeaders.PrepareNative(response, body.Status);
        }

        advice?.WriteTo(response.Headers);
        providerResponse.Content = new ResponseContent(providerResponse.Content, body, mask, attempt, new ForwardedResponse(attempt, response, time), body.Status >= 400 ? advice?.FreeIn ?? RetryAfterParser.Parse(providerResponse, time.GetUtcNow()) : null);
    }
}
