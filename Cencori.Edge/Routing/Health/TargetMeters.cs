using System.Diagnostics.Metrics;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing.Health;

/// <summary>Publishes metrics about the targets that got requests on this edge. Values are computed on collection, so requests pay nothing.</summary>
internal sealed class TargetMeters(IMeterFactory meters, TargetPlans plans, TargetTable table, RequestQueues waiting) : IHostedService
{
    public const string TargetsName = "cencori.edge.targets";
    public const string RefusedName = "cencori.edge.retry_budget.refused";
    public const string WaitingName = "cencori.edge.queue.waiting";

    private static readonly (TargetPhase Phase, string Name)[] Phases =
        [(TargetPhase.Closed, "closed"), (TargetPhase.HalfOpen, "half_open"), (TargetPhase.Cooling, "cooling"), (TargetPhase.Open, "open")];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create(EdgeTelemetry.MeterName);
        meter.CreateObservableGauge(TargetsName, Count, "{target}", "Targets (a credential and a model) of requests that could go to several targets, by state.");
        meter.CreateObservableCounter(RefusedName, () => table.Budget.Refused.Select(static one => new Measurement<long>(one.Count, Provider(one.Provider))), "{attempt}", "Attempts that were not made because the retry budget of the provider was used up.");
        meter.CreateObservableGauge(WaitingName, () => waiting.Count, "{request}", "Requests that wait until a target has room.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Reports every state of a provider, so that a state without targets is reported as 0.
    private IEnumerable<Measurement<int>> Count()
    {
        var cooling = table.Cooling.Phases();
        foreach (var ofProvider in plans.Candidates().GroupBy(static one => one.Target.Provider.Id, StringComparer.Ordinal))
        {
            var counts = ofProvider.DistinctBy(static one => (one.Id, one.Credential?.Version, one.Target.Model)).CountBy(one => PhaseOf(one, cooling)).ToDictionary();
            foreach (var (phase, name) in Phases)
            {
                yield return new(counts.GetValueOrDefault(phase), Provider(ofProvider.Key), new("state", name));
            }
        }
    }

    private static TargetPhase PhaseOf(in Candidate candidate, Dictionary<(string CredentialId, string Version, string? Model), TargetPhase> cooling)
    {
        var (id, version, model) = (candidate.Id, candidate.Credential?.Version ?? "", candidate.Target.Model);
        var ofAll = cooling.GetValueOrDefault((id, version, null));

        // Outside of routes one target stands for all models of a credential, so its state is the worst state of any model.
        var ofModel = model is not null ? cooling.GetValueOrDefault((id, version, model))
            : cooling.Where(one => one.Key.CredentialId == id && one.Key.Version == version).Select(static one => one.Value).DefaultIfEmpty().Max();
        return ofAll > ofModel ? ofAll : ofModel;
    }

    private static KeyValuePair<string, object?> Provider(string id) => new(GenAi.ProviderName, GenAi.Provider(id));
}
