using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Redis;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Bench.Micro;

/// <summary>Choosing one of eight targets and recording its result, for a request that the first target completes.</summary>
public class TargetBench
{
    private static readonly TargetPreference Preference = new("prj_1", "", "POST /v1/chat/completions") { Spread = 42 };

    private readonly RequestClock _clock = new(TimeProvider.System);
    private readonly TargetTable _table = new(new CacheInvalidation(TimeProvider.System), TimeProvider.System);
    private TargetPlan _plan = null!;

    [Params(RouteBalance.Weighted, RouteBalance.Split, RouteBalance.Least, RouteBalance.Fast)]
    public RouteBalance Balance { get; set; }

    /// <summary>True: another target is in cool-down, so that each target is looked up.</summary>
    [Params(false, true)]
    public bool HasCooled { get; set; }

    [GlobalSetup]
    public void Plan()
    {
        var provider = new ProviderDefinition("openai", CredentialScheme.Parse("Bearer")!, "/v1", [], TimeSpan.FromMinutes(10), NeedsBaseUrl: false);
        _plan = new TargetPlan(new ModelRoute { Name = "fast", Groups = [] });
        _plan.Add(
            Balance,
            Enumerable.Range(0, 8).Select(place => (
                new PlanTarget(provider, $"model-{place}") { Weight = place + 1 },
                ImmutableArray.Create(new ProviderCredential("openai", KeyEnvironment.Production, "", "sk", null) { Id = $"cr_{place}" }))),
            _table.LoadOf);
        if (HasCooled)
        {
            _table.Cooling.End(new("cr_0", "model-0"), TargetOutcome.RateLimited, TimeSpan.FromHours(1));
        }
    }

    [Benchmark(Description = "eight targets, answered")]
    public bool Completed()
    {
        var targets = new Targets(_table, _clock, Preference, _plan, 0xff, canRepeat: true);
        if (targets.Refusal() is not null)
        {
            return false;
        }

        targets.Begin();
        var isPassed = targets.ShouldFailOver(200, null);
        targets.ResponseStarted();
        isPassed |= targets.TryNext(AttemptEnd.Completed, isOver: true, TimeSpan.FromSeconds(1));
        targets.EndUse();
        return isPassed;
    }
}
