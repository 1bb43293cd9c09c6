using System.Numerics;
using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Selection;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Routing.Routes;

/// <summary>Explains where a request would go, without sending it. Runs the same steps as a real request.</summary>
public sealed class RouteExplainer(ProviderCatalog catalog, RequestReader reader, TargetPlans plans, TargetChooser chooser, TargetTable table, TimeProvider time)
{
    // Number of simulated picks, enough to estimate a share to about one percent.
    private const int Picks = 2_000;

    /// <summary>Explains the routing of one request.</summary>
    /// <param name="caller">The caller that would send the request.</param>
    /// <param name="route">The route, saved or not.</param>
    /// <param name="path">The path of the request, such as <c>/v1/chat/completions</c>.</param>
    /// <param name="body">The JSON body.</param>
    /// <param name="headers">The request headers, without the key.</param>
    /// <param name="isSaved">True: the route is the saved one that requests use now.</param>
    /// <returns>Either the explanation, or the reason why the request would be refused.</returns>
    public async Task<(RouteExplanation? Explanation, EdgeError? Refusal)> ExplainAsync(Caller caller, ModelRoute route, string path, byte[] body, IReadOnlyDictionary<string, string> headers, bool isSaved)
    {
        var context = ContextOf(path, body, headers);
        var exchange = new Exchange(context, time) { Caller = caller };
        using var content = await reader.ReadAsync(context, exchange.Endpoint, caller, exchange.Clock, chooser.FieldsToNote(caller.Project), bringsModel: true);
        if (content is null)
        {
            return (null, exchange.Refusal);
        }

        var named = headers.FirstOrDefault(header => header.Key.Equals(AdmissionMiddleware.ProviderHeader, StringComparison.OrdinalIgnoreCase)).Value;
        if (named is not null && catalog.Find(named) is null)
        {
            return (null, ModelRouter.UnknownProvider);
        }

        var (groups, rule) = RouteMatch.Of(route, exchange, content);
        var plan = plans.Make(caller.Project, caller.Key.Environment, route, groups, isSaved ? rule : null);
        var filter = new RouteFilter(exchange, content, plan, (content.Model ?? route.Name, route.Name), named is null ? null : catalog.Find(named));
        _ = filter.Apply(out var able);
        var preference = chooser.PreferenceOf(exchange, content, plan, tellsPrices: true);
        var gate = new TargetGate(table, preference, plan);
        var shares = exchange.Endpoint.IsStateless ? SharesOf(plan, FindOpen(gate, able), preference) : FirstOnly(plan, able);
        var targets = groups.Index().SelectMany(group => group.Item.Targets.SelectMany(target => Explain(target, group.Index, group.Item.Balance, plan, able, filter, gate, preference, shares)));
        return (new(route.Name, rule < 0 ? null : rule + 1, content.InputTokens, content.OutputTokens, [.. targets]), null);
    }

    private IEnumerable<ExplainedTarget> Explain(
        RouteTarget target, int group, RouteBalance balance, TargetPlan plan, ulong able, RouteFilter filter, TargetGate gate, TargetPreference preference, double[] shares)
    {
        var planned = group < plan.Groups.Length ? plan.Groups[group].Targets.FirstOrDefault(one => (one.Provider.Id == target.Provider && one.Model == target.Model) || one.ReplacedTargets.FirstOrDefault() == target) : null;
        var row = new ExplainedTarget(group + 1, balance, $"{(planned is null ? target.Provider : planned.Provider.Id)}/{target.Model}", null, null, ExplainedState.Ready, null, null, 0, null);
        if (planned is null || planned.Bits == 0)
        {
            yield return row with { State = catalog.Find(target.Provider) is null ? ExplainedState.UnknownProvider : ExplainedState.NoCredential };
            yield break;
        }

        for (var rest = planned.Bits; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            var (credential, cooled) = (plan.Candidates[place].Credential, gate.WaitFor(place));
            var isCooling = cooled.Wait > TimeSpan.Zero;
            var stopped = plan.Groups[group].Trial is { } trial ? trial.StopOf(plan.Groups[group].Targets.IndexOf(planned)) : null;
            yield return row with
            {
                CredentialId = credential?.Id,
                Credential = credential?.Name,
                State = (able >> place & 1) == 0 ? filter.Of(planned) : stopped is not null ? ExplainedState.Stopped : isCooling ? cooled.Why == TargetOutcome.Full ? ExplainedState.Full : ExplainedState.LeftAlone : ExplainedState.Ready,
                Why = isCooling && cooled.Why != TargetOutcome.Full ? TargetOutcomes.NameOf(cooled.Why) : null,
                RetryAfterMs = isCooling && cooled.Wait < TimeSpan.MaxValue ? (long)cooled.Wait.TotalMilliseconds : null,
                Share = shares[place],
                MostUsd = preference.PriceOf?.Invoke(planned),
                Stopped = stopped,
            };
        }
    }

    // The share of each target for requests about stored objects. Such requests always go to the first target, whatever the state of that target.
    private static double[] FirstOnly(TargetPlan plan, ulong able)
    {
        var shares = new double[plan.Candidates.Length];
        if (able != 0)
        {
            shares[plan.First(able)] = 1;
        }

        return shares;
    }

    // If all targets cool down, the last resort is asked.
    private static ulong FindOpen(in TargetGate gate, ulong able) =>
        gate.Open(able) is not 0 and var open ? open : gate.LastResort(able) is >= 0 and var resort ? 1UL << resort : 0;

    private static double[] SharesOf(TargetPlan plan, ulong open, TargetPreference preference)
    {
        var (shares, random) = (new double[plan.Candidates.Length], new Random(17));
        for (var pick = 0; open != 0 && pick < Picks; pick++)
        {
            var basis = new PickBasis((pick + 0.5) / Picks, random.NextDouble()) { Spread = (ulong)random.NextInt64(), Prompt = preference.Prompt, PriceOf = preference.PriceOf };
            shares[TargetPicker.Pick(plan, open, basis)] += 1d / Picks;
        }

        return Array.ConvertAll(shares, share => Math.Round(share, 3));
    }

    private static DefaultHttpContext ContextOf(string path, byte[] body, IReadOnlyDictionary<string, string> headers)
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { RawTarget = path });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        var context = new DefaultHttpContext(features);
        (context.Request.Method, context.Request.Path, context.Request.ContentType) = (HttpMethods.Post, path, "application/json");
        (context.Request.Body, context.Request.ContentLength) = (new MemoryStream(body, writable: false), body.Length);
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        return context;
    }
}
