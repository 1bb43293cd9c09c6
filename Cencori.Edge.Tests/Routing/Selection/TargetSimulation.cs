using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Redis;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Routing.Selection;

/// <summary>Hours of requests in virtual time, against accounts with quotas, failures, silence and outages.</summary>
public sealed class TargetSimulation
{
    private const int RequestsPerSecond = 40;

    private static readonly int Requests = int.Parse(Environment.GetEnvironmentVariable("CENCORI_TEST_ARRIVALS") ?? "20000", CultureInfo.InvariantCulture);

    // Weight, rank, requests per minute, whether refusals carry a Retry-After, and the trouble in every other minute.
    private static readonly Gen<Plan> Plans = Gen.Select(Gen.Int[1, 4], Gen.Int[0, 1], Gen.Int[60, 4_000], Gen.Bool, Gen.Enum<Trouble>(), (weight, rank, quota, tells, trouble) => new Plan(weight, rank, quota, tells, trouble));

    private enum Trouble
    {
        None,
        Fails,
        Away,
        Refuses,
        Silent,
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Each generated set of accounts gets 20,000 requests.")]
    public void No_account_is_asked_too_soon_retries_are_bounded_and_working_accounts_answer() =>
        Gen.Select(Plans.Array[2, 6], Gen.Enum<RouteBalance>(), Gen.Enum<UncertainRepeat>(), Gen.Bool, Gen.Int).Sample(
            (plans, balance, uncertain, isRoute, seed) =>
            {
                var random = new Random(seed);
                var clock = new FakeTimeProvider();
                var table = new TargetTable(new CacheInvalidation(clock), clock);
                var project = ProjectOf(plans);
                var preference = new TargetPreference(project.Id, "gpt-4o", "POST /v1/chat/completions");
                var plan = isRoute ? RouteOf(plans, balance, uncertain, project, clock) : PlanOf.OpenAi(project.CredentialsOf("openai", KeyEnvironment.Production));
                var accounts = plans.Select((plan, place) => new Account(plan, place, clock)).ToDictionary(account => account.Id);
                var (repeats, refused) = (0, 0);
                var began = clock.GetTimestamp();
                for (var request = 0; request < Requests; request++)
                {
                    clock.Advance(TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / RequestsPerSecond));
                    var targets = new Targets(table, new RequestClock(clock), preference, plan, preference.AbleOf(plan), canRepeat: true);
                    if (targets.Refusal() is { } refusal)
                    {
                        Assert.True(refusal.RetryAfter > TimeSpan.Zero);
                        refused++;
                        continue;
                    }

                    targets.Begin();
                    var (requested, repeatedSilences) = (new HashSet<string>(), 0);
                    for (var attempt = 1; ; attempt++)
                    {
                        Assert.True(requested.Add(targets.Current.Id), "One request asked the same account twice.");
                        var (end, isRepeatable) = accounts[targets.Current.Id].Ask(targets);
                        Assert.InRange(attempt, 1, RequestAttempt.Max);
                        if (!targets.TryNext(end))
                        {
                            break;
                        }

                        repeats += isRepeatable ? 1 : 0;
                        repeatedSilences += end == AttemptEnd.Failed ? 1 : 0;
                    }

                    Assert.InRange(repeatedSilences, 0, isRoute && uncertain == UncertainRepeat.Once ? 1 : 0);
                    Assert.All(plan.Candidates, candidate => Assert.Equal(0, candidate.Load?.Outstanding ?? 0));
                }

                // Allowed retries for each provider: a fifth of its requests, the initial budget of 10, and one per second.
                Assert.InRange(repeats, 0, (Requests * 0.2) + ((isRoute ? plans.Length : 1) * (10 + clock.GetElapsedTime(began).TotalSeconds)));
                Assert.All(accounts.Values, account => Assert.Empty(account.Faults));

                // An account without trouble never cools down, so it answers as much as its quota allows.
                Assert.All(accounts.Values.Where(account => account.Plan is { Trouble: Trouble.None, PerMinute: > RequestsPerSecond * 60 * 3 / 2 }), account => Assert.Equal(0, account.Refusals));
                Assert.True(refused == 0 || accounts.Values.All(account => account.Refusals > 0 || account.Plan.Trouble is not Trouble.None), $"{refused} requests were refused while an account could answer");
            },
            iter: 16,
            threads: 1);

    private static TargetPlan RouteOf(Plan[] plans, RouteBalance balance, UncertainRepeat uncertain, ProjectSnapshot project, TimeProvider time)
    {
        var route = new TargetPlan(new ModelRoute { Name = "fast", Groups = [], Uncertain = uncertain });
        foreach (var group in plans.Index().GroupBy(one => one.Item.Rank).OrderBy(group => group.Key))
        {
            route.Add(
                balance,
                group.Select(one => (new PlanTarget(PlanOf.Provider($"provider-{one.Index}"), "gpt-4o") { Weight = one.Item.Weight }, ImmutableArray.Create(project.Credentials[one.Index]))),
                (_, _) => new(time));
        }

        return route;
    }

    private static ProjectSnapshot ProjectOf(Plan[] plans) => new()
    {
        Id = "prj_1",
        ModelAliases = FrozenDictionary<string, string>.Empty,
        RateLimits = new(null, null, null, null),
        Credentials = [.. plans.Select((plan, place) => new ProviderCredential("openai", KeyEnvironment.Production, "", "sk", null) { Id = $"cr_{place}", Name = $"{place}", Weight = plan.Weight, Rank = plan.Rank })],
    };

    private sealed record Plan(int Weight, int Rank, int PerMinute, bool Tells, Trouble Trouble);

    private sealed class Account(Plan plan, int place, FakeTimeProvider clock)
    {
        private double _left = plan.PerMinute;
        private DateTimeOffset _at = clock.GetUtcNow();
        private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

        public string Id { get; } = $"cr_{place}";

        public Plan Plan { get; } = plan;

        public List<string> Faults { get; } = [];

        public int Refusals { get; private set; }

        public (AttemptEnd End, bool IsRepeatable) Ask(Targets targets)
        {
            var now = clock.GetUtcNow();
            if (now < _notBefore)
            {
                Faults.Add($"{Id} was asked {(_notBefore - now).TotalMilliseconds} ms too soon");
            }

            _left = Math.Min(Plan.PerMinute, _left + ((now - _at).TotalMinutes * Plan.PerMinute));
            _at = now;
            var isBad = now.Minute % 2 == 1;
            if (isBad && Plan.Trouble == Trouble.Away)
            {
                return (AttemptEnd.NeverSent, true);
            }

            if (isBad && Plan.Trouble == Trouble.Silent)
            {
                return (AttemptEnd.Failed, true);
            }

            if (isBad && Plan.Trouble == Trouble.Fails)
            {
                return (targets.ShouldFailOver(500, null) ? AttemptEnd.PassedOver : AttemptEnd.Completed, true);
            }

            if (isBad && Plan.Trouble == Trouble.Refuses)
            {
                return (targets.ShouldFailOver(400, null) ? AttemptEnd.PassedOver : AttemptEnd.Completed, false);
            }

            if (_left < 1)
            {
                Refusals++;
                var wait = TimeSpan.FromMinutes((1 - _left) / Plan.PerMinute);
                TimeSpan? reported = Plan.Tells ? TimeSpan.FromTicks(Math.Max(wait.Ticks, TimeSpan.FromSeconds(1).Ticks)) : null;
                _notBefore = now + (reported ?? TimeSpan.FromMilliseconds(999));
                return (targets.ShouldFailOver(429, reported) ? AttemptEnd.PassedOver : AttemptEnd.Completed, false);
            }

            _left--;
            targets.ShouldFailOver(200, null);
            targets.ResponseStarted();
            return (AttemptEnd.Completed, false);
        }
    }
}
