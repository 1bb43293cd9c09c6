using Cencori.Edge.Agents;
using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Bodies;
using Cencori.Edge.Budgets;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Owners;
using Cencori.Edge.Prompts;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.WebSockets;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Routing;

/// <summary>
/// The one decision about a request: what it asks for, which provider gets it, and whether its project's limits let it
/// pass. Everything below only carries that out.
/// </summary>
/// <remarks>
/// The order is deliberate. The body comes before the limits, so that a client that dribbles holds no slot; the choice
/// comes before the limits, so that a request that cannot be served costs nothing.
/// </remarks>
public sealed class AdmissionMiddleware(
    RequestDelegate next,
    RequestReader reader,
    ModelRouter router,
    RequestLimiter limiter,
    IRequestBudget budgets,
    AttemptMeters meters,
    LaterWork later,
    StoredObjects stored,
    ExchangeRecorder recorder,
    WebSocketRules webSocketRules,
    WebSocketForwarder webSockets,
    IProxyStateLookup proxy,
    ProviderLog providers,
    ErrorHandler errors,
    PendingActions pending,
    TimeProvider time)
{
    public const string ProviderHeader = "X-Cencori-Provider";

    public async Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        var caller = exchange.Caller ?? throw new InvalidOperationException("A request reached admission without a caller.");
        if ((CheckUrl(context.Request) ?? PassedHeaders.Check(context.Request.Headers)) is { } wrong)
        {
            await context.Refuse(wrong);
            return;
        }

        if (webSocketRules.Check(context, caller, out var handshake) is { } unfit)
        {
            await context.Refuse(unfit);
            return;
        }

        if (limiter.TryRefuse(context, caller.Project, exchange.Agent))
        {
            return;
        }

        if (PromptStep.Read(exchange, isSession: handshake is not null, out var prompt) is { } unknown)
        {
            await context.Refuse(unknown);
            return;
        }

        var endpoint = exchange.Endpoint;
        var agentsModel = AgentRules.ModelFor(exchange);
        var usual = endpoint.IsNative ? endpoint.UsualModel ?? caller.Project.DefaultModel : null;
        var noting = AgentRules.FieldsFor(exchange) | PromptStep.Noting(exchange, prompt) | (endpoint.IsNative ? NotedFields.NativeNames : NotedFields.None);
        if (await reader.ReadAsync(context, endpoint, caller, exchange.Clock, noting, bringsModel: (agentsModel ?? usual) is not null) is not { } content)
        {
            return;
        }

        exchange.Content = content;
        var taken = agentsModel ?? exchange.Deployment ?? (content.Model is null ? usual : null);
        if ((AgentRules.Apply(exchange, content) ?? (taken is null ? null : content.TakeModel(taken)) ?? PromptStep.Apply(exchange, content, prompt)) is { } misfit)
        {
            await context.Refuse(misfit);
            return;
        }

        if ((caller.Key.AllowedModels is not null || agentsModel is not null) && ModelLimits.Refusal(exchange, content) is { } untold)
        {
            await context.Refuse(untold);
            return;
        }

        var named = agentsModel is null ? NamedProvider(context.Request) ?? await StoredAnswer.ProviderAsync(stored, exchange, content) : null;
        if (router.Choose(caller, content.Model, named, out var choice) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        if (!await limiter.TryAcquireAsync(context, caller.Project, content.ReservedTokens, exchange.Agent))
        {
            return;
        }

        // What shows how something has ended frees what was set aside for it, and must not wait for that.
        var mayCost = endpoint is { IsMetered: true, StoresFiles: false };
        exchange.Budget = endpoint.ShowsLaterWork ? BudgetReservation.None : await budgets.TryReserveAsync(context, caller, choice.Provider.Id, choice.Model ?? content.Model, mayCost ? AttemptMeters.SetAsideOf(content) : null, exchange.Agent);
        if (exchange.Budget is null)
        {
            return;
        }

        // Gone between the choice and now, by a change of yarp.json.
        if (!proxy.TryGetRoute(choice.Provider.RouteId, out var route) || !proxy.TryGetCluster(choice.Provider.Id, out var cluster))
        {
            await context.Refuse(new EdgeError(ErrorKind.ProviderUnavailable, $"The provider '{choice.Provider.Id}' is no longer configured."));
            return;
        }

        var attempt = Begin(exchange, content, choice, handshake);
        context.ReassignProxyRequest(route, cluster);
        attempt.ForwardedAt = time.GetTimestamp();
        await (handshake is null ? next(context) : webSockets.ForwardAsync(context, attempt, next));
        await FinishAsync(context, attempt);
    }

    private static EdgeError? CheckUrl(HttpRequest request)
    {
        if (PresentedKey.StandsIn(request))
        {
            return EdgeError.Invalid("An API key stands in the URL, where others keep it. Send it in a header, and replace this key.");
        }

        // Some servers fold empty segments away, and would serve an endpoint that the edge has not recognised.
        return SentPath.IsAmbiguous(request.Path.Value!)
            ? new EdgeError(ErrorKind.NotFound, "There is nothing at a path with an empty or a dot segment.")
            : null;
    }

    // With it or without, it is one endpoint to the edge; to many providers it is not.
    private static PathString WithoutSlash(PathString path) =>
        path.Value is { Length: > 1 } value && value[^1] == '/' ? new PathString(value.TrimEnd('/')) : path;

    private static string? NamedProvider(HttpRequest request) =>
        request.Headers.TryGetValue(ProviderHeader, out var named) ? named.ToString() : null;

    private Attempt Begin(Exchange exchange, RequestContent content, in ProviderChoice choice, Handshake? handshake)
    {
        if (exchange.Caller!.Project.LogsPayloads)
        {
            exchange.Payload = new PayloadCopy();
            if (!content.Text.IsEmpty)
            {
                exchange.Payload.SetRequest(content.Text);
            }
        }

        var endpoint = exchange.Endpoint;
        var model = choice.Model ?? content.Model;
        exchange.IsStoredElsewhere = StoredAnswer.IsElsewhere(router, exchange, choice.Provider);
        var begins = endpoint.BeginsLaterWork || (content.IsBackground && endpoint.Operation == Operation.Responses);
        var follows = endpoint.ShowsLaterWork || begins || endpoint.Operation == Operation.Responses;
        var meter = endpoint.IsMetered ? meters.Create(exchange.Caller!.Project, choice.Provider.Id, model, content, follows)
            : endpoint.ShowsLaterWork ? meters.CreateLook()
            : null;
        var asksForUsage = meter is not null && choice.Provider.StreamUsage && content.CanAskForUsage;
        var attempt = new Attempt(choice.Provider, choice.Credential, WithoutSlash(exchange.Rest), model, exchange)
        {
            KeyId = exchange.Caller.Key.Id,
            PathAsSent = SentPath.Of(exchange.Context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, exchange.Rest),
            HidesUsage = asksForUsage && endpoint.Native != NativeShape.Chat,
            Native = endpoint.Errors == ErrorDialect.Flat ? exchange.NativeAnswerOf(choice.Provider.Id, model, content.Choices) : null,
            IsStream = content.IsStream,
            Events = endpoint.Events,
            IsLook = endpoint.ShowsLaterWork,
            BeginsLaterWork = begins,
            Follower = follows && meter is not null ? new WorkFollower(exchange, later) : null,
            Keeper = recorder.KeeperOf(exchange),
            Payload = exchange.Payload,
            Holder = AgentRules.Shadowed(exchange) is { } agent ? new ShadowDesk(pending, exchange.Caller.Project.Id, agent, exchange.Context, endpoint.Events, isNative: endpoint.Native == NativeShape.Chat) : null,
            Handshake = handshake,
            Body = content.Prepare(exchange.Context.Request, choice.Model, asksForUsage),
            Meter = meter,
        };
        if (exchange.IsAzure)
        {
            AzureQuery.Fit(exchange.Context.Request, choice.Provider.CredentialScheme == CredentialScheme.ApiKey, choice.Credential?.BaseUrl);
        }

        exchange.Add(attempt);
        exchange.Context.Features.Set(attempt);
        return attempt;
    }

    private Task FinishAsync(HttpContext context, Attempt attempt)
    {
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
            return Task.CompletedTask;
        }

        if (failure is { Error: ForwarderError.RequestCreation, Exception: { } fault })
        {
            errors.Tell(context, fault);
        }
        else
        {
            providers.Ended(attempt, failure);
        }

        if (context.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        if (failure is not null)
        {
            if (attempt.End == AttemptEnd.CallerLeft && CallerGone.Is(failure.Exception))
            {
                ErrorHandler.Leave(context);
                return Task.CompletedTask;
            }

            return context.Refuse(attempt.Fault ?? ProviderFailure.Explain(failure.Error, failure.Exception, attempt.Provider.Id, context.TraceIdentifier));
        }

        // A response without a body is the provider's all the same, and not for anybody to explain.
        return context.GetRefusal() is null ? context.Response.StartAsync() : Task.CompletedTask;
    }
}
