using System.Diagnostics;
using Cencori.Edge.Errors;
using Cencori.Edge.Metering;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Makes the one record of an exchange, and of it metrics and a span. Requests without a valid key have no project that could be
/// told, and what the edge answers itself is no use of a model.
/// </summary>
public sealed class ExchangeRecorder(RecordWriter records, PayloadWriter payloads, RequestMetrics metrics, IOptions<UsageOptions> options)
{
    private readonly bool _isOn = options.Value.Metering;

    /// <param name="exchange">When everything about it is over.</param>
    public void Record(Exchange exchange)
    {
        if (!_isOn || exchange.Caller is null || !IsForProvider(exchange.Context))
        {
            return;
        }

        var record = RecordOf(exchange);
        metrics.Record(record);
        RequestSpans.Finish(Activity.Current, record);

        // Before the record, so that whoever finds that one can wait for this one.
        if (exchange.Payload is { } payload)
        {
            payloads.Write(record, payload);
        }

        records.Write(record);
    }

    private static bool IsForProvider(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is not null;

    private static RequestRecord RecordOf(Exchange exchange)
    {
        var context = exchange.Context;
        var time = exchange.Clock.Time;
        var endedAt = time.GetTimestamp();
        var duration = time.GetElapsedTime(exchange.Clock.ArrivedAt, endedAt);
        var caller = exchange.Caller!;
        var last = exchange.Last;
        var outcome = OutcomeOf(exchange, last);
        var usage = UsageOf(exchange, out var cost);
        return new RequestRecord
        {
            RequestId = context.TraceIdentifier,
            StartedAt = time.GetUtcNow() - duration,
            ProjectId = caller.Project.Id,
            KeyId = caller.Key.Id,
            Environment = caller.Key.Environment,
            Endpoint = exchange.Endpoint.Name,
            ModelAsked = exchange.Content?.Model,
            ModelServed = last is { ForwardedAt: not 0 } ? last.Model : null,
            Provider = last?.Provider.Id,
            CredentialHint = last?.Credential?.Hint,
            IsStream = exchange.Content?.IsStream == true,
            Status = context.Response.StatusCode,
            Outcome = outcome,
            ErrorCode = exchange.Refusal?.Kind.Code ?? (outcome == RequestOutcome.Error && last is { Status: < 400 } ? ErrorKind.ProviderError.Code : null),
            PromptTokens = usage.PromptTokens,
            CachedTokens = usage.CachedTokens,
            CompletionTokens = usage.CompletionTokens,
            IsEstimated = usage.IsEstimated,
            CostUsd = cost,
            FirstByteMicroseconds = last is { FirstByteAt: not 0 } ? Microseconds(time.GetElapsedTime(exchange.Clock.ArrivedAt, last.FirstByteAt)) : null,
            DurationMicroseconds = Microseconds(duration),
            EdgeMicroseconds = Microseconds(duration - time.GetElapsedTime(0, WaitedInAll(exchange, endedAt))),
            ClientAddress = CallerText.Address(context),
            App = CallerText.App(context),
            Attempts = AttemptRecords.Of(exchange),
        };
    }

    // Not metered: nothing is known. Refused, or answered with an error: nothing is owed.
    private static TokenUsage UsageOf(Exchange exchange, out decimal? cost)
    {
        var isOwed = exchange.Context.Response.StatusCode < StatusCodes.Status400BadRequest;
        var usage = default(TokenUsage);
        cost = null;
        var isFirst = true;
        foreach (var attempt in exchange.Attempts)
        {
            if (attempt.Meter is { } meter)
            {
                // Text has to be counted only where a response broke off, and then holds nobody but the connection that broke.
                var used = meter.Finish();
                var its = isOwed ? meter.Cost(used) : 0;
                cost = isFirst ? its : cost + its;
                usage = isFirst ? used : usage + used;
                isFirst = false;
            }
        }

        return usage;
    }

    private static RequestOutcome OutcomeOf(Exchange exchange, Attempt? last)
    {
        // Clients leave at the error, and would seem to have left before the end.
        if (last is { Meter.HasError: true } or { End: AttemptEnd.Failed })
        {
            return RequestOutcome.Error;
        }

        var context = exchange.Context;
        if (context.RequestAborted.IsCancellationRequested && last is not { HasEnded: true })
        {
            return RequestOutcome.Cancelled;
        }

        if (exchange.Refusal is { } error)
        {
            return error.Kind == ErrorKind.RateLimitExceeded ? RequestOutcome.RateLimited
                : error.Kind == ErrorKind.PolicyViolation ? RequestOutcome.Filtered
                : RequestOutcome.Error;
        }

        return last is { HasEnded: true, Status: < 400 } || context.Response.StatusCode is 101 or 204 or 304 ? RequestOutcome.Success : RequestOutcome.Error;
    }

    private static long WaitedInAll(Exchange exchange, long now)
    {
        var waited = exchange.Clock.WaitedForCaller;
        foreach (var attempt in exchange.Attempts)
        {
            waited += attempt.WaitedInAll(now);
        }

        return waited;
    }

    private static long Microseconds(TimeSpan time) => Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);
}
