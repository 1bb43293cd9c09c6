using System.Diagnostics;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Policies;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Makes the one record of an exchange, with its metrics and span. A request with an unknown key has no project, and so no record. A request with a
/// key that is no longer valid gets only a record. A request that the edge itself serves uses no model and gets no record.
/// </summary>
public sealed partial class ExchangeRecorder(
    RecordWriter records, PayloadWriter payloads, DeferredRecords deferred, RequestMetrics metrics, BlockEvents blocks, IOptions<UsageOptions> options, TimeProvider time, ILogger<ExchangeRecorder> logger)
{
    private readonly bool _isOn = options.Value.Metering;
    private readonly bool _isBeforeResponse = options.Value is { Metering: true, Durability: RecordDurability.Answer };
    private readonly ThrottledWarning _implausibleWarning = new(time);

    /// <summary>Creates the follower that holds back the end of the response until the record is stored. Null: the settings do not require that.</summary>
    internal IResponseFollower? BarrierOf(Exchange exchange) => _isBeforeResponse ? new RecordBarrier(exchange, this) : null;

    /// <param name="exchange">Must have ended.</param>
    public void Record(Exchange exchange)
    {
        // Notifies even if no record is stored, and before the record: whenever a record shows a block, the notification was sent.
        if (exchange.Policy is not null)
        {
            BlockNotification.Send(exchange, exchange.Record?.Outcome ?? OutcomeOf(exchange, exchange.Last), blocks);
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

    /// <summary>Stores the record before the caller has the end of the response, if the settings require that.</summary>
    /// <param name="exchange">Everything that the record needs must be known.</param>
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

        // A shadow request that was never sent leaves no record, because no caller asked for it.
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

        // The payload goes first: a reader who sees the record then knows that the payload is stored or will be.
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
            deferred.Begin(exchange, record);
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

    // Rate-limited, because a provider can cause this warning with every response.
    private void WarnOfUsage(Exchange exchange)
    {
        foreach (var attempt in exchange.Attempts)
        {
            if (attempt.Meter is { IsImplausible: true } && _implausibleWarning.IsDue())
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

        // An open bill holds only a reservation, which must not enter any sum of real costs.
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
            ModelServed = RefusalText.WithoutKey(exchange.PaidModel ?? (last is { ForwardedAt: not 0 } ? last.Model : null)),
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
            CostSource = bill.IsOpen ? CostSource.Later : bill.IsCostReported ? CostSource.Provider : CostSource.Prices,
            FirstByteMicroseconds = last is { FirstByteAt: not 0 } ? Microseconds(clock.GetElapsedTime(exchange.Clock.ArrivedAt, last.FirstByteAt)) : null,
            DurationMicroseconds = Microseconds(duration),
            EdgeMicroseconds = Microseconds(duration - clock.GetElapsedTime(0, TotalWait(exchange, endedAt))),
            ClientAddress = CallerText.Address(context),
            App = CallerText.App(context),
            AgentId = exchange.PayingKeyId is not { } payer || payer == key.Id ? exchange.Agent?.Id : null,
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

    // An endpoint that no provider bills has the cost zero. The cost of a WebSocket session is unknown.
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

        // Checked before cancellation: clients disconnect when they read the error, which would look like a cancellation by the caller.
        if (last is { Meter.HasError: true, IsStatusRead: false } or { End: AttemptEnd.Failed })
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

    private static long TotalWait(Exchange exchange, long now)
    {
        var waited = exchange.Clock.WaitedForCaller + exchange.Clock.WaitedForTargets + exchange.Clock.WaitedForGuardrails + exchange.Clock.WaitedForMemory;
        foreach (var attempt in exchange.Attempts)
        {
            waited += attempt.TotalWait(now);
        }

        return waited;
    }

    private static long Microseconds(TimeSpan time) => Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);

    private static partial class Log
    {
        [LoggerMessage(95, LogLevel.Warning, "Provider {Provider} reported a usage that is impossible for request {RequestId}. The edge uses an estimate instead. Logged at most once a minute.", EventName = "UsageImplausible")]
        public static partial void Implausible(ILogger logger, string provider, string requestId);
    }
}
