using Cencori.Edge.Agents;
using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Budgets;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Screening;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Routing.Attempts;

/// <summary>Makes the attempts of an admitted request and ends them. With several targets it tries one after the other until one responds.</summary>
public sealed partial class AttemptRunner(
    ModelRouter router, AttemptMeters meters, BackgroundWork later, ExchangeRecorder recorder, IProxyStateLookup proxy, ProviderLog providers, ErrorHandler errors,
    PendingActions pending, IRequestBudget budgets, CredentialQuota quota, RequestQueues waiting, InputScreen input, PolicyMeters policyMeters, TimeProvider time)
{
    /// <summary>Sends the request to one target after the other.</summary>
    /// <param name="context">The request. Nothing of the response is written yet.</param>
    /// <param name="forward">The rest of the pipeline, which forwards the request.</param>
    /// <param name="content">The request body as read.</param>
    /// <param name="targets">The targets that can serve the request.</param>
    internal async Task RunAsync(HttpContext context, RequestDelegate forward, RequestContent content, Targets targets)
    {
        var exchange = Exchange.Of(context);
        var query = context.Request.QueryString;
        try
        {
            if (!await TryChooseAsync(exchange, content, targets, isFirst: true))
            {
                return;
            }

            while (true)
            {
                if ((exchange.Attempts.Count > 0 || targets.HavePrices) && !await TryReserveMoreAsync(exchange, content, targets.Choice))
                {
                    return;
                }

                exchange.Fallback = targets.FallbackReason;
                if (Begin(exchange, content, targets.Choice, handshake: null, targets, out var attempt) is { } attemptError)
                {
                    await context.Refuse(attemptError);
                    return;
                }

                await forward(context);
                Conclude(context, attempt);

                // RequestCreation is a failure inside the edge. Another target would not help. If a response breaks while the edge holds its first bytes back from
                // the caller, the request may be settled, and its body released.
                var failure = context.GetForwarderErrorFeature();
                var isOver = context.RequestAborted.IsCancellationRequested || context.Response.HasStarted || exchange.IsSettled || attempt.Body is SplicedContent { IsReleased: true } || failure?.Error == ForwarderError.RequestCreation;
                TimeSpan? firstByte = attempt.RespondedAt == 0 ? null : time.GetElapsedTime(attempt.ForwardedAt, Math.Max(attempt.RespondedAt, attempt.FirstByteAt));
                if (!targets.TryNext(attempt.End, isOver, firstByte, ProviderFailure.WasSilent(failure?.Exception)))
                {
                    await WriteFailureAsync(context, attempt);
                    return;
                }

                Forget(context);
                context.Request.QueryString = query;
                exchange.SettleAttempts();
                if (!await TryChooseAsync(exchange, content, targets, isFirst: false))
                {
                    return;
                }
            }
        }
        finally
        {
            targets.EndUse();
        }
    }

    /// <summary>Makes an attempt and points the pipeline at its provider. The caller then forwards the request.</summary>
    /// <param name="exchange">The exchange that the attempt belongs to.</param>
    /// <param name="content">The request body as read.</param>
    /// <param name="choice">The provider, credential and model.</param>
    /// <param name="handshake">The WebSocket handshake. Null: the request is no WebSocket.</param>
    /// <param name="failover">Decides whether another target is tried. Null: the response goes to the caller in any case.</param>
    /// <param name="attempt">The attempt.</param>
    /// <returns>Null: the attempt was made. Else the error: the provider no longer exists.</returns>
    internal EdgeError? Begin(Exchange exchange, RequestContent content, in ProviderChoice choice, Handshake? handshake, IFailoverPolicy? failover, out Attempt attempt)
    {
        // A change of yarp.json removed the provider after it was chosen.
        if (!proxy.TryGetRoute(choice.Provider.RouteId, out var route) || !proxy.TryGetCluster(choice.Provider.Id, out var cluster))
        {
            attempt = null!;
            return new EdgeError(ErrorKind.ProviderUnavailable, $"The provider '{choice.Provider.Id}' is no longer configured.");
        }

        attempt = Make(exchange, content, choice, handshake, failover);
        exchange.Context.ReassignProxyRequest(route, cluster);
        attempt.ForwardedAt = time.GetTimestamp();
        return null;
    }

    /// <summary>Ends the attempt and sends the caller an error if no response has started. Call this after the rest of the pipeline has run.</summary>
    internal Task FinishAsync(HttpContext context, Attempt attempt)
    {
        Conclude(context, attempt);
        return WriteFailureAsync(context, attempt);
    }

    // Reserves more budget if needed: the next target may be more expensive, and the earlier attempts may have cost something already.
    private async ValueTask<bool> TryReserveMoreAsync(Exchange exchange, RequestContent content, ProviderChoice next)
    {
        if (AttemptMeters.ReservedUsageOf(content, exchange.Endpoint) is not { } mayCost || exchange.Budget is not { } held || held == BudgetReservation.None)
        {
            return true;
        }

        var left = held.Usd - exchange.Attempts.Sum(static attempt => Bill.Of(attempt, isRepeated: true).CostUsd ?? 0);
        if (await budgets.TryReserveAsync(exchange.Context, exchange.Caller!, next.Provider.Id, next.Model, mayCost, exchange.Agent, left) is not { } more)
        {
            return false;
        }

        exchange.Budget = held.And(more);
        return true;
    }

    // Clears what the last attempt left on the request: YARP sets its failure feature and never removes it, so the next attempt would seem to have failed.
    private static void Forget(HttpContext context)
    {
        context.Response.Clear();
        context.Features.Set<IForwarderErrorFeature>(null);
        context.GetReverseProxyFeature().ProxiedDestination = null;
    }

    // The edge treats a path with and without a trailing slash as the same endpoint. Many providers do not.
    private static PathString WithoutSlash(PathString path) =>
        path.Value is { Length: > 1 } value && value[^1] == '/' ? new PathString(value.TrimEnd('/')) : path;

    private Attempt Make(Exchange exchange, RequestContent content, in ProviderChoice choice, Handshake? handshake, IFailoverPolicy? failover)
    {
        if (exchange.Caller!.Project.LogsPayloads)
        {
            exchange.Payload = new PayloadCopy();
            if (!content.Text.IsEmpty)
            {
                exchange.Payload.SetRequest(exchange.Caller.Project.Policies is { ScansInput: true } ? content.ChangedText : content.Text);
            }
        }

        var endpoint = exchange.Endpoint;
        var model = choice.Model ?? content.Model;
        exchange.IsStoredElsewhere = StoredResponse.IsElsewhere(router, exchange, choice.Provider, choice.Credential);
        var begins = endpoint.BeginsBackgroundWork || (content.IsBackground && endpoint.Operation == Operation.Responses);
        var followsWork = endpoint.ShowsBackgroundWork || begins || endpoint.Operation == Operation.Responses;
        var follows = followsWork || exchange.IsStoredElsewhere is not null;
        var meter = endpoint.IsMetered ? meters.Create(exchange.Caller!.Project, choice.Provider.Id, model, content, follows, isIdAll: !followsWork)
            : endpoint.ShowsBackgroundWork ? meters.CreateStatusMeter()
            : null;
        var asksForUsage = meter is not null && choice.Provider.StreamUsage && content.CanRequestUsage;
        var attempt = new Attempt(choice.Provider, choice.Credential, WithoutSlash(exchange.Rest), model, exchange)
        {
            KeyId = exchange.Caller.Key.Id,
            PathAsSent = SentPath.Of(exchange.Context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, exchange.Rest),
            HidesUsage = asksForUsage && endpoint.Native != NativeShape.Chat,
            Native = endpoint.Errors == ErrorDialect.Flat ? exchange.NativeResponseOf(choice.Provider.Id, model, content.Choices) : null,
            IsStream = content.IsStream,
            Events = endpoint.Events,
            IsStatusRead = endpoint.ShowsBackgroundWork,
            BeginsBackgroundWork = begins,
            Follower = follows && meter is not null ? new BackgroundWorkFollower(exchange, later) : null,
            Barrier = recorder.BarrierOf(exchange),
            Payload = exchange.Payload,
            Listener = exchange.Listener,

            // A response to POST /api/ai/rag (NativeShape.Sources) contains no tool calls, so it needs no ShadowRecorder.
            Holder = endpoint.Native != NativeShape.Sources && AgentRules.Shadowed(exchange) is { } agent ? new ShadowRecorder(pending, exchange.Caller.Project.Id, agent, exchange.Context, endpoint.Events, isNative: endpoint.Native == NativeShape.Chat) : null,
            Screen = exchange.Policy is null ? null : OutputScreen.Of(exchange, input, policyMeters),
            Handshake = handshake,
            FailoverPolicy = failover,
            Quota = exchange.NextQuota,
            Body = content.Prepare(exchange.Context.Request, choice.Model, asksForUsage ? UsageOption.Requested : choice.Provider.StreamUsage ? UsageOption.AsSent : UsageOption.Removed),
            Meter = meter,
        };
        if (exchange.IsAzure)
        {
            AzureQuery.RemoveUnsupportedVersion(exchange.Context.Request, choice.Provider.CredentialScheme == CredentialScheme.ApiKey, choice.Credential?.BaseUrl);
        }

        exchange.Add(attempt);
        exchange.Context.Features.Set(attempt);
        return attempt;
    }

    private void Conclude(HttpContext context, Attempt attempt)
    {
        attempt.EndedAt = time.GetTimestamp();
        var failure = context.GetForwarderErrorFeature();
        if (attempt.End == AttemptEnd.None)
        {
            attempt.End = attempt.Body is SplicedContent { IsSent: false } && attempt.Status is null ? AttemptEnd.NeverSent
                : failure is not null ? ProviderFailure.EndOf(failure.Error, failure.Exception)
                : context.RequestAborted.IsCancellationRequested ? AttemptEnd.CallerLeft
                : AttemptEnd.None;
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (failure is { Error: ForwarderError.RequestCreation, Exception: { } fault })
        {
            errors.LogUnhandled(context, fault);
        }
        else
        {
            providers.Ended(attempt, failure);
        }
    }

    private static Task WriteFailureAsync(HttpContext context, Attempt attempt)
    {
        if (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        var failure = context.GetForwarderErrorFeature();
        if (failure is not null)
        {
            if (attempt.End == AttemptEnd.CallerLeft && ClientDisconnected.Is(failure.Exception))
            {
                ErrorHandler.AbortDisconnected(context);
                return Task.CompletedTask;
            }

            var error = attempt.Fault ?? ProviderFailure.Explain(failure.Error, failure.Exception, attempt.Provider.Id, context.TraceIdentifier);
            return context.Refuse(attempt.FailoverPolicy?.Advice.ApplyTo(error) ?? error);
        }

        // A response without a body is still the provider's response, so the edge does not replace it with an error.
        return context.GetRefusal() is null ? context.Response.StartAsync() : Task.CompletedTask;
    }
}
