using Cencori.Edge.Agents;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Budgets;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Prompts;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Screening;
using Cencori.Edge.WebSockets;

namespace Cencori.Edge.Routing;

/// <summary>
/// Decides about a request once: which model the request asks for, which provider gets it, and whether the project's limits
/// allow it. Later middleware only carries out this decision.
/// </summary>
/// <remarks>
/// The order of the checks matters. The body is read before the limits apply, so that a slow client holds no concurrency slot.
/// The target is chosen before the limits apply, so that a request that no provider can serve costs nothing.
/// </remarks>
public sealed class AdmissionMiddleware(
    RequestDelegate next,
    RequestReader reader,
    TargetChooser chooser,
    RequestLimiter limiter,
    IRequestBudget budgets,
    ObjectPinning pins,
    WebSocketRules webSocketRules,
    WebSocketForwarder webSockets,
    AttemptRunner attempts,
    MemoryStep memory,
    InputScreen screen,
    ShadowTraffic shadows)
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

        if (webSocketRules.Check(context, caller, out var handshake) is { } webSocketError)
        {
            await context.Refuse(webSocketError);
            return;
        }

        // A shadow copy takes nothing from the project's limits, so its project snapshot has no limits. The limiter would treat that as a change of the
        // project's limits.
        if (caller.ShadowOf is null && limiter.TryRefuse(context, caller.Project, exchange.Agent))
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
        var defaultModel = endpoint.IsNative ? endpoint.DefaultModel ?? caller.Project.DefaultModel : null;
        var fieldsToNote = chooser.FieldsToNote(caller.Project) | ObjectPinning.FieldsToNote(exchange) | AgentRules.FieldsFor(exchange) | PromptStep.FieldsToNote(exchange, prompt) | MemoryStep.FieldsToNote(exchange) | (endpoint.IsNative ? NotedFields.NativeNames : NotedFields.None) | (caller.Project.Policies is { ScansInput: true } ? NotedFields.WholeForm : NotedFields.None);
        if (await reader.ReadAsync(context, endpoint, caller, exchange.Clock, fieldsToNote, bringsModel: (agentsModel ?? defaultModel) is not null) is not { } content)
        {
            return;
        }

        exchange.Content = content;
        var taken = agentsModel ?? exchange.Deployment ?? (content.Model is null ? defaultModel : null);
        if ((AgentRules.Apply(exchange, content) ?? (taken is null ? null : content.TakeModel(taken)) ?? PromptStep.Apply(exchange, content, prompt)) is { } bodyError)
        {
            await context.Refuse(bodyError);
            return;
        }

        if (MemoryStep.Take(exchange, content, out var requested) is { } memoryError)
        {
            await context.Refuse(memoryError);
            return;
        }

        if ((caller.Key.AllowedModels is not null || agentsModel is not null) && ModelLimits.Refusal(exchange, content) is { } modelError)
        {
            await context.Refuse(modelError);
            return;
        }

        var named = agentsModel is null ? NamedProvider(context.Request) ?? await pins.ProviderAsync(exchange, content) : null;
        if (chooser.Choose(exchange, content, named, isSingleTarget: handshake is not null, out var choice, out var targets) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        var pin = await pins.FindAsync(exchange, content, choice);
        if (pin?.Refusal is { } apart)
        {
            await context.Refuse(apart);
            return;
        }

        if (pin?.Credential is { } holder)
        {
            (choice, targets) = (choice with { Credential = holder }, null);
        }

        // If a target will be free soon, the edge does not refuse the request here. The request waits for the target later, after it has taken its concurrency
        // slot, because the concurrency limit includes waiting requests.
        if (targets?.Refusal() is { } refusal && !(refusal.RetryAfter <= targets.MaxWait(refusal)))
        {
            await context.Refuse(refusal);
            return;
        }

        if (targets is null && choice.Credential is { Limits: not null } full && attempts.QuotaRefusal(full, content) is { } quotaError)
        {
            await context.Refuse(quotaError);
            return;
        }

        // Recalled memory adds tokens that the limits count, and may cost an embedding call. So recall runs after all cheaper checks.
        if (requested is not null && await memory.RecallAsync(exchange, content, requested) is { } unknownMemory)
        {
            await context.Refuse(unknownMemory);
            return;
        }

        if (caller.ShadowOf is null && !await limiter.TryAcquireAsync(context, caller.Project, content.ReservedTokens, exchange.Agent))
        {
            return;
        }

        // A request that reads the result of earlier background work releases the budget that this work reserved. So a full budget must not refuse the request.
        var reservedFor = targets?.MostExpensive ?? choice;
        exchange.Budget = endpoint.ShowsBackgroundWork ? BudgetReservation.None : await budgets.TryReserveAsync(context, caller, reservedFor.Provider.Id, reservedFor.Model ?? content.Model, AttemptMeters.ReservedUsageOf(content, endpoint), exchange.Agent);
        if (exchange.Budget is null)
        {
            return;
        }

        if (caller.Project.Policies is { } policies)
        {
            if (await screen.ApplyAsync(exchange, content, policies, isSession: handshake is not null) is { } violation)
            {
                await context.Refuse(violation);
                return;
            }

            MemoryStep.Screened(exchange, content);
        }

        // The copy is taken after the policies ran, so that it contains their changes to the body.
        if (exchange.Route is { } routed && caller.Project.Routes.TryGetValue(routed, out var route) && route.Shadow is not null)
        {
            shadows.Watch(exchange, content, route);
        }

        if (pin?.Search is { } search)
        {
            await attempts.SearchAsync(context, next, content, choice, search);
            return;
        }

        if (targets is not null)
        {
            await attempts.RunAsync(context, next, content, targets);
            return;
        }

        if (choice.Credential is { Limits: not null } limited && !await attempts.TryTakeQuotaAsync(exchange, content, limited))
        {
            return;
        }

        // This code is not in a method of its own, because nearly all requests run it. One more async method would allocate an object for each request.
        if (attempts.Begin(exchange, content, choice, handshake, failover: null, out var attempt) is { } attemptError)
        {
            await context.Refuse(attemptError);
            return;
        }

        await (handshake is null ? next(context) : webSockets.ForwardAsync(context, attempt, next));
        await attempts.FinishAsync(context, attempt);
    }

    private static EdgeError? CheckUrl(HttpRequest request)
    {
        if (PresentedKey.IsPresentIn(request))
        {
            return EdgeError.Invalid("The URL contains an API key, and URLs are stored in logs. Send the key in a header, and replace this key.");
        }

        // The servers of some providers remove empty segments from a path. They would serve another endpoint than the edge has recognised.
        return SentPath.IsAmbiguous(request.Path.Value!)
            ? new EdgeError(ErrorKind.NotFound, "The path must not contain an empty segment ('//') or a dot segment ('.' or '..').")
            : null;
    }

    private static string? NamedProvider(HttpRequest request) =>
        request.Headers.TryGetValue(ProviderHeader, out var named) ? named.ToString() : null;
}
