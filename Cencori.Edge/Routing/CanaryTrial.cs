using System.Collections.Immutable;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>A group of a route in one environment.</summary>
/// <param name="ProjectId">Whose route.</param>
/// <param name="Environment">Of the keys.</param>
/// <param name="Route">The route's name.</param>
/// <param name="Rule">The place of the rule whose group it is; -1: it is none's.</param>
/// <param name="Group">Its place.</param>
internal readonly record struct CanaryKey(string ProjectId, KeyEnvironment Environment, string Route, int Rule, int Group);

/// <summary>A canary that has been stopped: its share goes to the stable target.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Environment">For whose keys.</param>
/// <param name="Model">The canary, as <c>provider/model</c>.</param>
/// <param name="Stable">Who has its share.</param>
/// <param name="Figures">Why.</param>
/// <param name="At">When.</param>
public sealed record StoppedCanary(string Route, KeyEnvironment Environment, string Model, string Stable, CanaryFigures Figures, DateTimeOffset At)
{
    internal ImmutableArray<string> CredentialIds { get; init; } = [];
}

/// <summary>A split group's targets, compared: the one with the largest weight is the stable one, and the others with a weight are canaries.</summary>
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

    /// <summary>The place of the target that has been there before.</summary>
    public int Stable { get; }

    /// <summary>A bit for each place whose target is stopped. 0: none is.</summary>
    public int Stopped => Volatile.Read(ref _stopped);

    /// <returns>Null: there is nothing to compare.</returns>
    public static CanaryTrial? Of(Canaries canaries, CanaryKey place, ImmutableArray<PlanTarget> targets) =>
        targets.Count(target => target.Weight > 0) < 2 ? null : new(canaries, place, targets);

    /// <summary>It is of these targets, with these weights.</summary>
    public bool IsOf(ImmutableArray<PlanTarget> targets) =>
        targets.Length == _models.Length && targets.Index().All(one => NameOf(one.Item) == _models[one.Index] && one.Item.Weight == _weights[one.Index]);

    /// <summary>With which credentials its targets are asked.</summary>
    /// <param name="credentials">Ids, for each place.</param>
    public void Bind(ImmutableArray<ImmutableArray<string>> credentials)
    {
        lock (_lock)
        {
            _credentials = credentials;
        }
    }

    /// <summary>A request that was a target's by the split has ended.</summary>
    /// <param name="target">Its place.</param>
    /// <param name="hasFailed">The target did.</param>
    public void Add(int target, bool hasFailed)
    {
        StoppedCanary? stopped = null;
        lock (_lock)
        {
            for (var canary = 0; canary < _tests.Length; canary++)
            {
                if ((canary == target || target == Stable) && (Stopped >> canary & 1) == 0 && _tests[canary] is { } test && test.Add(canary == target, hasFailed) && canary == target)
                {
                    // Of one request one canary at most: what the stable one says is for all of them, and stops none.
                    stopped = Stop(canary, test.Figures);
                }
            }
        }

        if (stopped is not null)
        {
            _canaries.Tell(this, stopped);
        }
    }

    /// <summary>Another edge has stopped it.</summary>
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

    /// <summary>Why the target at a place is stopped. Null: it is not.</summary>
    public StoppedCanary? StopOf(int target)
    {
        lock (_lock)
        {
            return _stops[target];
        }
    }

    /// <summary>As if nothing had happened.</summary>
    /// <param name="credentialId">Only those that are asked with it; null: all.</param>
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
