using Cencori.Edge.Bodies;
using Cencori.Edge.Budgets;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Telemetry;
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
    IProxyStateLookup proxy,
    TimeProvider time)
{
    public const string ProviderHeader = "X-Cencori-Provider";

    private const string EntryPrefix = "/v1";

    public async Task InvokeAsync(HttpContext context)
    {
        var caller = context.Features.Get<Caller>()
            ?? throw new InvalidOperationException("A request reached admission without a caller.");
        context.Request.Path.StartsWithSegments(EntryPrefix, out var path);
        if (CheckUrl(context.Request) is { } wrong)
        {
            await context.Refuse(wrong);
            return;
        }

        if (limiter.TryRefuse(context, caller.Project))
        {
            return;
        }

        using var content = await reader.ReadAsync(context, path);
        if (content is null)
        {
            return;
        }

        context.Features.Set(new RequestedModel(content.Model, content.IsStream));
        if (content.MayRunAnyModel && caller.Key.AllowedModels is not null)
        {
            await context.Refuse(EdgeError.Forbidden("This key is limited to some models, and this request may run others than the one it names, if it names one.", Reasons.ModelNotAllowed) with { Param = "model" });
            return;
        }

        if (router.Choose(caller, content.Model, NamedProvider(context.Request), out var choice) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        using var reservation = await limiter.AcquireAsync(context, caller.Project, content.ReservedTokens);
        if (reservation is null)
        {
            return;
        }

        using var budget = await budgets.TryReserveAsync(context, caller, choice.Provider.Id, choice.Model ?? content.Model, content.InputTokens, content.OutputTokens);
        if (budget is null)
        {
            reservation.Settle(0);
            return;
        }

        var payload = caller.Project.LogsPayloads ? new PayloadCopy() : null;
        if (payload is not null && !content.Text.IsEmpty)
        {
            payload.SetRequest(content.Text);
        }

        var hidesUsage = choice.Provider.StreamUsage && content.CanAskForUsage;
        var call = new ProviderCall(choice.Provider, choice.Credential, path, choice.Model ?? content.Model)
        {
            AnswerEnded = () => Settle(context, reservation, budget),
            InputTokens = content.InputTokens,
            HidesUsage = hidesUsage,
            Payload = payload,
            Body = content.Prepare(context.Request, choice.Model, asksForUsage: hidesUsage),
        };
        context.Features.Set(call);
        context.Features.Get<RequestTiming>()?.Provider = call;
        await ForwardAsync(context, call, reservation);

        // Where the answer broke off, what has passed of it is paid for.
        Settle(context, reservation, budget);
    }

    private static void Settle(HttpContext context, RateLimitReservation reservation, BudgetReservation budget)
    {
        var call = context.Features.Get<ProviderCall>();
        if (call?.Meter?.UsedTokens is { } used)
        {
            reservation.Settle(used);
        }

        // No provider is known to charge for what it refuses, or leaves without any answer.
        budget.Settle(call?.Status is null or >= 400 ? call?.Meter?.CostUsd ?? 0 : call.Meter?.CostUsd);
        reservation.Dispose();
        budget.Dispose();
    }

    private static EdgeError? CheckUrl(HttpRequest request)
    {
        if (PresentedKey.StandsIn(request))
        {
            return EdgeError.Invalid("An API key stands in the URL, where others keep it. Send it in a header, and replace this key.");
        }

        // Some servers fold empty segments away, and would serve an endpoint that the edge has not recognised.
        return request.Path.Value!.Contains("//", StringComparison.Ordinal)
            ? new EdgeError(ErrorKind.NotFound, "There is nothing at a path with an empty segment.")
            : null;
    }

    private static string? NamedProvider(HttpRequest request) =>
        request.Headers.TryGetValue(ProviderHeader, out var named) ? named.ToString() : null;

    private async Task ForwardAsync(HttpContext context, ProviderCall call, RateLimitReservation reservation)
    {
        var provider = call.Provider;

        // Gone between the choice and now, by a change of yarp.json.
        if (!proxy.TryGetRoute(provider.RouteId, out var route) || !proxy.TryGetCluster(provider.Id, out var cluster))
        {
            await context.Refuse(new EdgeError(ErrorKind.ProviderUnavailable, $"The provider '{provider.Id}' is no longer configured."));
            return;
        }

        context.ReassignProxyRequest(route, cluster);
        call.ForwardedAt = time.GetTimestamp();
        await next(context);

        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (context.GetForwarderErrorFeature() is { } failure)
        {
            if (failure.Error == ForwarderError.NoAvailableDestinations || ProviderFailure.WasNeverSent(failure.Exception))
            {
                // Nobody has seen the request, so nobody has used a token on it.
                reservation.Settle(0);
            }

            await context.Refuse(ProviderFailure.Explain(failure.Error, failure.Exception, provider.Id, context.TraceIdentifier));
        }
        else if (context.GetRefusal() is null)
        {
            // An answer without a body is the provider's all the same, and not for anybody to explain.
            await context.Response.StartAsync();
        }
    }
}
