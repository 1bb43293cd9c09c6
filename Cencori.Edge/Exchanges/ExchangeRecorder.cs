using System.Diagnostics;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Policies;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Makes the one record of an exchange, and of it metrics and a span. Requests without a key that is known have no project that could be
/// told, one that is no longer valid leaves its record alone, and what the edge answers itself is no use of a model.
/// </summary>
public sealed partial class ExchangeRecorder(
    RecordWriter records, PayloadWriter payloads, DeferredRecords late, RequestMetrics metrics, BlockEvents blocks, IOptions<UsageOptions> options, TimeProvider time, ILogger<ExchangeRecorder> logger)
{
    private readonly bool _isOn = options.Value.Metering;
    private readonly bool _isBeforeResponse = options.Value is { Metering: true, Durability: RecordDurability.Answer };
    private readonly ThrottledWarning _implausible = new(time);

    /// <summary>Who keeps the caller from the end of its response until the record is written down. Null: nobody does.</summary>
    internal IResponseFollower? BarrierOf(Exchange exchange) => _isBeforeResponse ? new RecordBarrier(exchange, this) : null;

    /// <param name="exchange">When everything about it is over.</param>
    public void Record(Exchange exchange)
    {
        // Also where nothing is recorded, and before the record, so that whoever finds that one knows of this.
        if (exchange.Policy is not null)
        {
            BlockNotification.Tell(exchange, exchange.Record?.Outcome ?? OutcomeOf(exchange, exchange.Last), blocks);
        }

        if (exchange.Record is null)
        {
            Write(exchange);
        }

        if (exchange is { Caller: not null, Record: { } record })
        {
            RequestSpans.Finish(Activity.Current, record);
        }
    }

    /// <summary>Where records are written before the caller has the end of the response: ends when that is done.</summary>
    /// <param name="exchange">When all that the record tells is known.</param>
    internal Task KeepAsync(Exchange exchange)
    {
        if (!_isBeforeResponse || exchange.Record is not null)
        {
            return Task.CompletedTask;
        }

        Write(exchange);
        return exchange.Record is null ? Task.CompletedTask : records.DrainAsync();
    }

    private void Write(Exchange exchange)
    {
        if (!_isOn || (exchange.Caller?.Key ?? exchange.InvalidKey) is not { } key || !IsForProvider(exchange.Context))
        {
            return;
        }

        // Nobody has asked for it, so that nobody has to hear that it was not sent.
        if (exchange is { Caller.ShadowOf: not null, Last: null })
        {
            return;
        }

        var record = RecordOf(exchange, key);
        exchange.Record = record;
        if (exchange.Caller is null)
        {
            records.Write(record);
            return;
        }

        metrics.Record(record);
        if (exchange.Attempts is [{ FailoverPolicy: not null } first, ..])
        {
            RecordAttempts(exchange, first);
        }

        // Before the record, so that whoever finds that one can wait for this one.
        if (exchange.Payload is { } payload)
        {
            payloads.Write(record, payload);
        }

        if (exchange.Afterwards is null)
        {
            records.Write(record);
        }
        else
        {
            late.Begin(exchange, record);
        }

        WarnOfUsage(exchange);
    }

    private void RecordAttempts(Exchange exchange, Attempt first)
    {
        foreach (var attempt in exchange.Attempts)
        {
            metrics.RecordAttempt(attempt.Provider.Id, attempt.End);
        }

        if (exchange.Fallback is { } reason)
        {
            metrics.RecordFallback(first.Provider.Id, reason, exchange.Route);
        }
    }

    // A provider can repeat it at will.
    private void WarnOfUsage(Exchange exchange)
    {
        foreach (var attempt in exchange.Attempts)
        {
            if (attempt.Meter is { IsImplausible: true } && _implausible.IsDue())
            {
                Log.Implausible(logger, attempt.Provider.Id, exchange.Context.TraceIdentifier);
            }
        }
    }

    private static bool IsForProvider(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is not null;

    private static RequestRecord RecordOf(Exchange exchange, ApiKey key)
    {
        var context = exchange.Context;
        var clock = exchange.Clock.Time;
        var endedAt = clock.GetTimestamp();
        var duration = clock.GetElapsedTime(exchange.Clock.ArrivedAt, endedAt);
        var last = exchange.Last;
        var outcome = OutcomeOf(exchange, last);
        var bill = exchange.Bill;

        // What is not known yet is in no sum before it is.
        var (usage, cost) = bill.IsOpen ? (default, 0) : (bill.Usage, bill.CostUsd);
        return new RequestRecord
        {
            RequestId = context.TraceIdentifier,
            StartedAt = clock.GetUtcNow() - duration,
            ProjectId = key.ProjectId,
            KeyId = exchange.PayingKeyId ?? key.Id,
            Environment = key.Environment,
            Endpoint = exchange.Caller?.RecordedAs ?? exchange.Endpoint.Name,
            ModelAsked = RefusalText.Model(exchange),
            ModelServed = exchange.PaidModel ?? (last is { ForwardedAt: not 0 } ? last.Model : null),
            Provider = last?.Provider.Id,
            CredentialHint = last?.Credential?.Hint,
            IsStream = exchange.Content?.IsStream == true || last is { IsEventStream: true },
            Status = context.Response.StatusCode,
            Outcome = exchange.Caller?.ShadowOf is null ? outcome : RequestOutcome.Shadow,
            ErrorCode = exchange.Refusal?.Kind.Code ?? (outcome == RequestOutcome.Error && last is { Status: < 400 } ? ErrorKind.ProviderError.Code : null),
            ProviderRequestId = last?.ProviderRequestId,
            Reason = RefusalText.Reason(exchange),
            Param = RefusalText.Param(exchange),
            Message = RefusalText.Message(exchange),
            PromptTokens = usage.PromptTokens,
            CachedTokens = usage.CachedTokens,
            CompletionTokens = usage.CompletionTokens,
            IsEstimated = usage.IsEstimated,
            CostUsd = CostOf(exchange, cost),
            CostSource = bill.IsOpen ? CostSource.Later : bill.IsCostTold ? CostSource.Provider : CostSource.Prices,
            FirstByteMicroseconds = last is { FirstByteAt: not 0 } ? Microseconds(clock.GetElapsedTime(exchange.Clock.ArrivedAt, last.FirstByteAt)) : null,
            DurationMicroseconds = Microseconds(duration),
            EdgeMicroseconds = Microseconds(duration - clock.GetElapsedTime(0, WaitedInAll(exchange, endedAt))),
            ClientAddress = CallerText.Address(context),
            App = CallerText.App(context),
            AgentId = exchange.Agent?.Id,
            Prompt = exchange.Prompt?.Name,
            PromptVersion = exchange.Prompt?.Version,
            Route = exchange.Route ?? exchange.Caller?.ShadowOf,
            Fallback = exchange.Fallback,
            Affinity = exchange.KeepsPrompt is { } keeps ? keeps ? RequestRecord.Pinned : RequestRecord.Control : null,
            Policy = exchange.Policy?.ToRecord(),
            Retries = Math.Max(0, exchange.Attempts.Count - 1),
            Attempts = AttemptRecords.Of(exchange),
        };
    }

    // What no provider takes anything for has a cost, which is none; of a session nobody knows what it used.
    private static decimal? CostOf(Exchange exchange, decimal? cost) =>
        exchange.Attempts.Count == 0 ? null
        : exchange.Bill.IsMetered ? cost
        : exchange.Endpoint.IsMetered || exchange.Last!.Handshake is not null ? null
        : 0;

    internal static RequestOutcome OutcomeOf(Exchange exchange, Attempt? last)
    {
        if (exchange.Policy is { Blocks: true } or { IsEnded: true })
        {
            return RequestOutcome.Filtered;
        }

        if (exchange.Policy is { HasGuardrailFailure: true })
        {
            return RequestOutcome.Error;
        }

        // Clients leave at the error, and would seem to have left before the end.
        if (last is { Meter.HasError: true, IsLook: false } or { End: AttemptEnd.Failed })
        {
            return RequestOutcome.Error;
        }

        var context = exchange.Context;
        if ((context.RequestAborted.IsCancellationRequested && last is not { HasEnded: true }) || context.Response.StatusCode == ErrorHandler.ClientClosedRequest || last is { Status: StatusCodes.Status101SwitchingProtocols, End: AttemptEnd.CallerLeft })
        {
            return RequestOutcome.Cancelled;
        }

        if (exchange.Refusal is { } error)
        {
            return error.Kind == ErrorKind.RateLimitExceeded ? RequestOutcome.RateLimited
                : error.Kind == ErrorKind.PolicyViolation ? RequestOutcome.Filtered
                : RequestOutcome.Error;
        }

        var isGood = last is { HasEnded: true, Status: < 400 } || context.Response.StatusCode == StatusCodes.Status204NoContent;
        return !isGood ? RequestOutcome.Error : exchange.Fallback is null ? RequestOutcome.Success : RequestOutcome.SuccessFallback;
    }

    private static long WaitedInAll(Exchange exchange, long now)
    {
        var waited = exchange.Clock.WaitedForCaller + exchange.Clock.WaitedForTargets + exchange.Clock.WaitedForGuardrails + exchange.Clock.WaitedForMemory;
        foreach (var attempt in exchange.Attempts)
        {
            waited += attempt.WaitedInAll(now);
        }

        return waited;
    }

    private static long Microseconds(TimeSpan time) => Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);

    private static partial class Log
    {
        [LoggerMessage(95, LogLevel.Warning, "Provider {Provider} told a usage that request {RequestId} cannot have. It is estimated. Told once a minute at most.", EventName = "UsageImplausible")]
        public static partial void Implausible(ILogger logger, string provider, string requestId);
    }
}
