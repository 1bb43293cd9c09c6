using System.IO.Hashing;
using System.Runtime.InteropServices;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Routing.Health;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Routing.Selection;

/// <summary>Chooses the target of a request, and the targets that it may fail over to.</summary>
public sealed class TargetChooser(ModelRouter router, TargetPlans plans, TargetTable table, Prices prices, TimeProvider time)
{
    private const string FallbackHeader = "X-Cencori-Fallback";
    private const string SessionHeader = "X-Cencori-Session";

    // Minimum length of a cached prompt, in tokens. OpenAI and Anthropic cache no shorter prompt.
    private const int ShortestCached = 1_024;

    /// <inheritdoc cref="TargetPlans.FieldsToNote"/>
    internal NotedFields FieldsToNote(ProjectSnapshot project) => plans.FieldsToNote(project);

    /// <summary>Chooses the targets by the model that the request names.</summary>
    /// <param name="exchange">The request so far.</param>
    /// <param name="content">The request body as read.</param>
    /// <param name="named">The provider that the request names; null: none.</param>
    /// <param name="isSingleTarget">Disables failover: the request goes only to the first target.</param>
    /// <param name="choice">The first target.</param>
    /// <param name="targets">All targets, if there are several. Null: only the first.</param>
    /// <returns>Null, or the reason why there is no choice.</returns>
    internal EdgeError? Choose(Exchange exchange, RequestContent content, string? named, bool isSingleTarget, out ProviderChoice choice, out Targets? targets)
    {
        (choice, targets) = (default, null);
        var caller = exchange.Caller!;
        if (exchange.Context.Request.Headers[FallbackHeader] is { Count: > 0 } fallback && !IsOff(fallback) && !fallback.ToString().Equals("on", StringComparison.OrdinalIgnoreCase))
        {
            return EdgeError.Invalid($"{FallbackHeader} is 'on' or 'off'.", FallbackHeader);
        }

        if (WaitPriorities.Check(exchange.Context.Request.Headers) is { } unknown)
        {
            return unknown;
        }

        // Each stored object exists in one account only. So requests of endpoints with stored objects always go to the first target.
        isSingleTarget |= !exchange.Endpoint.IsStateless;
        if (ModelRouter.RouteOf(caller.Project, content.Model) is { } route)
        {
            return ChooseByRoute(exchange, content, route, named, isSingleTarget, out choice, out targets);
        }

        if (router.Choose(caller, content.Model, named, out choice) is { } problem)
        {
            return problem;
        }

        if (!isSingleTarget && plans.Of(caller.Project, choice.Provider, caller.Key.Environment) is { } several)
        {
            var preference = new TargetPreference(caller.Project.Id, choice.Model ?? content.Model ?? "", exchange.Endpoint.Name) { Tokens = content.ReservedTokens };
            targets = Make(exchange, content, several, preference, preference.AbleOf(several));
        }

        return null;
    }

    private EdgeError? ChooseByRoute(Exchange exchange, RequestContent content, ModelRoute route, string? named, bool isSingleTarget, out ProviderChoice choice, out Targets? targets)
    {
        (choice, targets) = (default, null);
        exchange.Route = route.Name;
        if (plans.Choose(exchange, content, route, named, out var plan, out var able) is { } refusal)
        {
            return refusal;
        }

        choice = plan.ChoiceOf(plan.First(able), "");
        if (!isSingleTarget)
        {
            targets = Make(exchange, content, plan, PreferenceOf(exchange, content, plan), able);
        }

        return null;
    }

    private Targets Make(Exchange exchange, RequestContent content, TargetPlan plan, TargetPreference preference, ulong able) =>
        new(table, exchange.Clock, preference, plan, able, content.CanSendAgain && !IsOff(exchange.Context.Request.Headers[FallbackHeader]));

    private static bool IsOff(StringValues fallback) => fallback.ToString().Equals("off", StringComparison.OrdinalIgnoreCase);

    /// <summary>Collects the properties of a request that decide between the targets of a route.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="content">The request body as read.</param>
    /// <param name="plan">The targets of the route.</param>
    /// <param name="tellsPrices">Whether to compute prices even if they decide nothing.</param>
    internal TargetPreference PreferenceOf(Exchange exchange, RequestContent content, TargetPlan plan, bool tellsPrices = false)
    {
        var caller = exchange.Caller!;
        var wantsPrices = tellsPrices || caller.Project.Budgets.Count > 0 || plan.Groups.Any(static group => group.Balance == RouteBalance.Cheap);
        return new TargetPreference(caller.Project.Id, "", exchange.Endpoint.Name)
        {
            Tokens = content.ReservedTokens,
            Spread = plan.Groups.Any(static group => group.Balance == RouteBalance.Split) ? HashOf(content.Labels?.User ?? caller.Key.Id, plan.Route!.Name) : 0,
            Prompt = plan.Route!.KeepsPrompts ? PinOf(exchange, content, plan) : null,
            PriceOf = wantsPrices ? PriceOf(caller, content) : null,
        };
    }

    // The hash for prompt affinity. Null: no group of the plan uses affinity, the prompt is too short, or the request is in the control group (1 of 20
    // conversations), which is routed without affinity to measure the benefit.
    private ulong? PinOf(Exchange exchange, RequestContent content, TargetPlan plan)
    {
        if (!plan.MayKeepPrompts || PromptOf(exchange, content) is not { } prompt)
        {
            return null;
        }

        var isControl = PromptAffinity.IsControl(prompt, time.GetUtcNow());
        exchange.KeepsPrompt = !isControl;
        return isControl ? null : prompt;
    }

    // The hash of the session that the caller names, or else of the prompt prefix, if the prompt is long enough for a provider's cache.
    private static ulong? PromptOf(Exchange exchange, RequestContent content)
    {
        var session = exchange.Context.Request.Headers.TryGetValue(SessionHeader, out var named) ? named.ToString() : content.Labels?.PromptCacheKey;
        return !string.IsNullOrEmpty(session) ? HashOf(session, exchange.Caller!.Key.Id)
            : content.PromptPrefix != 0 && content.InputTokens >= ShortestCached ? content.PromptPrefix
            : null;
    }

    private Func<PlanTarget, decimal?> PriceOf(Caller caller, RequestContent content)
    {
        var (usage, at) = (AttemptMeters.ReservedUsageOf(content), time.GetUtcNow());
        return target => prices.Cost(caller.Project, target.Provider.Id, target.Model, usage, at);
    }

    // The hash is equal on all edges. The route is the seed, so that different routes do not select the same users for their shares.
    private static ulong HashOf(string who, string route) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(who.AsSpan()), unchecked((long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(route.AsSpan()))));
}
