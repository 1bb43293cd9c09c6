using System.Net;
using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Exchanges;

/// <summary>Makes the one record of a request out of what its way has left on it.</summary>
internal static class RequestObservation
{
    private const string AppHeader = "X-Cencori-App";
    private const int MaxAppLength = 64;

    /// <param name="context">When everything is over.</param>
    /// <param name="caller">Whose request it was.</param>
    /// <param name="endpoint">As <see cref="RequestRecord.Endpoint"/>.</param>
    /// <param name="time">The clock of all timestamps.</param>
    public static RequestRecord Record(HttpContext context, Caller caller, string endpoint, TimeProvider time)
    {
        var endedAt = time.GetTimestamp();
        var timing = context.Features.Get<RequestTiming>()!;
        var call = context.Features.Get<ProviderCall>();
        var requested = context.Features.Get<RequestedModel>();
        var refusal = context.GetRefusal();
        var duration = time.GetElapsedTime(timing.ArrivedAt, endedAt);
        var outcome = Outcome(context, call, refusal, hasErrorWithin: context.Features.Get<AnswerMeter>() is { HasError: true });
        return new RequestRecord
        {
            RequestId = context.TraceIdentifier,
            StartedAt = time.GetUtcNow() - duration,
            ProjectId = caller.Project.Id,
            KeyId = caller.Key.Id,
            Environment = caller.Key.Environment,
            Endpoint = endpoint,
            ModelAsked = requested?.Name,
            ModelServed = call is { ForwardedAt: not 0 } ? call.Model : null,
            Provider = call?.Provider.Id,
            CredentialHint = call?.Credential?.Hint,
            IsStream = requested?.IsStream == true,
            Status = context.Response.StatusCode,
            Outcome = outcome,
            ErrorCode = refusal?.Kind.Code ?? (outcome == RequestOutcome.Error && call is { Status: < 400 } ? ErrorKind.ProviderError.Code : null),
            FirstByteMicroseconds = call is { FirstByteAt: not 0 } ? Microseconds(time.GetElapsedTime(timing.ArrivedAt, call.FirstByteAt)) : null,
            DurationMicroseconds = Microseconds(duration),
            EdgeMicroseconds = Microseconds(duration - time.GetElapsedTime(0, timing.WaitedForCaller + WithProvider(call, endedAt))),
            ClientAddress = Text(context.Connection.RemoteIpAddress),
            App = App(context.Request.Headers[AppHeader]),
        };
    }

    private static RequestOutcome Outcome(HttpContext context, ProviderCall? call, EdgeError? refusal, bool hasErrorWithin)
    {
        // Clients leave at the error, and would seem to have left before the end.
        if (hasErrorWithin)
        {
            return RequestOutcome.Error;
        }

        if (context.RequestAborted.IsCancellationRequested && call is not { HasEnded: true })
        {
            return RequestOutcome.Cancelled;
        }

        if (refusal is not null)
        {
            return refusal.Kind == ErrorKind.RateLimitExceeded ? RequestOutcome.RateLimited
                : refusal.Kind == ErrorKind.PolicyViolation ? RequestOutcome.Filtered
                : RequestOutcome.Error;
        }

        return call is { HasEnded: true, Status: < 400 } || context.Response.StatusCode is 101 or 204 or 304 ? RequestOutcome.Success : RequestOutcome.Error;
    }

    // From handing the request over to the last byte it is the provider's time, or the caller's who reads slowly.
    private static long WithProvider(ProviderCall? call, long endedAt) =>
        call is null ? 0 : call.LastByteAt != 0 ? call.LastByteAt - call.ForwardedAt : call.WaitedUntil(endedAt);

    private static long Microseconds(TimeSpan time) => Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);

    private static string? Text(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();

    private static string? App(StringValues given)
    {
        if (given.Count != 1 || string.IsNullOrWhiteSpace(given[0]))
        {
            return null;
        }

        var app = given[0]!.Trim();
        return app.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : app.Length > MaxAppLength ? app[..MaxAppLength] : app;
    }
}
