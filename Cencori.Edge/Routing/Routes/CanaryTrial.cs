using System.Collections.Immutable;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing.Routes;

/// <summary>Identifies a group of a route in one environment.</summary>
/// <param name="ProjectId">The project of the route.</param>
/// <param name="Environment">The environment of the keys.</param>
/// <param name="Route">The route's name.</param>
/// <param name="Rule">Index of the rule that the group belongs to; -1: the group belongs to no rule.</param>
/// <param name="Group">Index of the group.</param>
internal readonly record struct CanaryKey(string ProjectId, KeyEnvironment Environment, string Route, int Rule, int Group);

/// <summary>A canary that was stopped. Its share goes to the stable target.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Environment">The environment of the keys.</param>
/// <param name="Model">The canary, as <c>provider/model</c>.</param>
/// <param name="Stable">The target that gets the canary's share.</param>
/// <param name="Figures">The counts that stopped the canary.</param>
/// <param name="At">When the canary was stopped.</param>
public sealed record StoppedCanary(string Route, KeyEnvironment Environment, string Model, string Stable, CanaryFigures Figures, DateTimeOffset At)
{
    internal ImmutableArray<string> CredentialIds { get; init; } = [];
}

/// <summary>Compares the targets of a split group. The target with the largest weight is the stable one; the others with a weight are canaries.</summary>
internal sealed class CanaryTrial
{
    private readonly Canaries _canaries;
    private readonly ImmutableArray<string> _models;
    private readonly ImmutableArray<int> _weights;
    private readonly CanaryTest?[] _tests;
    private readonly StoppedCanary?[] _stops;
    private readonly Lock _lock = new();
    private ImmutableArray<ImmutableArray<string>> _credentials;
    private int _stopped;

    private CanaryTrial(Canaries canaries, CanaryKey place, ImmutableArray<PlanTarget> targets)
    {
        (_canaries, Place) = (canaries, place);
        _models = [.. targets.Select(NameOf)];
        _weights = [.. targets.Select(target => target.Weight)];
        Stable = _weights.IndexOf(_weights.Max());
        _tests = new CanaryTest?[targets.Length];
        _stops = new StoppedCanary?[targets.Length];
        Begin();
    }

    public CanaryKey Place { get; }

    /// <summary>Index of the stable target.</summary>
    public int Stable { get; }

    /// <summary>One bit per target, set if the target is stopped. 0: none is.</summary>
    public int Stopped => Volatile.Read(ref _stopped);

    /// <returns>The trial of a group. Null: fewer than two targets have a weight.</returns>
    public static CanaryTrial? Of(Canaries canaries, CanaryKey place, ImmutableArray<PlanTarget> targets) =>
        targets.Count(target => target.Weight > 0) < 2 ? null : new(canaries, place, targets);

    /// <summary>Whether the trial compares these targets with these weights.</summary>
    public bool IsOf(ImmutableArray<PlanTarget> targets) =>
        targets.Length == _models.Length && targets.Index().All(one => NameOf(one.Item) == _models[one.Index] && one.Item.Weight == _weights[one.Index]);

    /// <summary>Sets the credentials of each target.</summary>
    /// <param name="credentials">Credential ids, one list per target.</param>
    public void Bind(ImmutableArray<ImmutableArray<string>> credentials)
    {
        lock (_lock)
        {
            _credentials = credentials;
        }
    }

    /// <summary>Counts an ended request that the split gave to a target.</summary>
    /// <param name="target">Index of the target.</param>
    /// <param name="hasFailed">Whether the target failed.</param>
    public void Add(int target, bool hasFailed)
    {
        StoppedCanary? stopped = null;
        lock (_lock)
        {
            for (var canary = 0; canary < _tests.Length; canary++)
            {
                if ((canary == target || target == Stable) && (Stopped >> canary & 1) == 0 && _tests[canary] is { } test && test.Add(canary == target, hasFailed) && canary == target)
                {
                    // A canary's own request can stop only that canary. A request of the stable target is added to the tests of all canaries, and stops none.
                    stopped = Stop(canary, test.Figures);
                }
            }
        }

        if (stopped is not null)
        {
            _canaries.ReportStop(this, stopped);
        }
    }

    /// <summary>Stops a canary on this edge, because another edge has stopped it.</summary>
    public void Receive(string model, CanaryFigures figures)
    {
        lock (_lock)
        {
            if (_models.IndexOf(model) is >= 0 and var canary && canary != Stable && (Stopped >> canary & 1) == 0)
            {
                Stop(canary, figures);
            }
        }
    }

    public IEnumerable<StoppedCanary> Stops()
    {
        lock (_lock)
        {
            return [.. _stops.Index().Where(stop => stop.Item is not null).Select(stop => stop.Item! with { CredentialIds = _credentials.IsDefault ? [] : _credentials[stop.Index] })];
        }
    }

    /// <summary>Returns when and why a target was stopped. Null: the target is not stopped.</summary>
    public StoppedCanary? StopOf(int target)
    {
        lock (_lock)
        {
            return _stops[target];
        }
    }

    /// <summary>Starts canaries again with empty figures.</summary>
    /// <param name="credentialId">Only canaries that use this credential; null: all.</param>
    public void Reset(string? credentialId = null)
    {
        lock (_lock)
        {
            Begin(credentialId);
        }
    }

    private void Begin(string? credentialId = null)
    {
        for (var place = 0; place < _tests.Length; place++)
        {
            if (place != Stable && _weights[place] > 0 && (credentialId is null || (!_credentials.IsDefault && _credentials[place].Contains(credentialId))))
            {
                _tests[place] = new(_weights[place] / (double)(_weights[place] + _weights[Stable]));
                _stops[place] = null;
                Volatile.Write(ref _stopped, _stopped & ~(1 << place));
            }
        }
    }

    private StoppedCanary Stop(int canary, CanaryFigures figures)
    {
        var stop = new StoppedCanary(Place.Route, Place.Environment, _models[canary], _models[Stable], figures, _canaries.Now);
        _stops[canary] = stop;
        Volatile.Write(ref _stopped, _stopped | (1 << canary));
        return stop;
    }

    private static string NameOf(PlanTarget target) => $"{target.Provider.Id}/{target.Model}";
}
