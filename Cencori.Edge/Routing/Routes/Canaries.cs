using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using Cencori.Edge.Redis;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing.Routes;

/// <summary>
/// Watches the canaries of routes, and stops those that fail much more often than their stable target. Each edge decides by its own figures,
/// and reports its decisions to the other edges on the same Redis. The state is only in memory: a restarted edge starts with empty figures.
/// </summary>
public sealed partial class Canaries
{
    public const string StopsName = "cencori.edge.canaries.stopped";

    private const string Subject = "canary";
    private const string OfCredential = "uncanary";
    private const string OfRoute = "canaries";

    // Maximum number of trials, one per route group with canaries. Administrators create routes, so more is a mistake, but memory must stay bounded even then.
    private const int Max = 10_000;

    private readonly ConcurrentDictionary<CanaryKey, CanaryTrial> _trials = new();
    private readonly Lock _beginning = new();
    private readonly CacheInvalidation _invalidation;
    private readonly TimeProvider _time;
    private readonly ILogger<Canaries> _logger;
    private readonly Counter<long> _stops;

    public Canaries(CacheInvalidation invalidation, IMeterFactory meters, TimeProvider time, ILogger<Canaries> logger)
    {
        (_invalidation, _time, _logger) = (invalidation, time, logger);
        _stops = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(StopsName, "{target}", "Canaries of routes that this edge has stopped.");

        // An edge that missed messages continues with its own figures, so "missed" does nothing.
        invalidation.Subscribe(Subject, Receive, missed: static () => { });
        invalidation.Subscribe(OfCredential, message => Reset(message.Split('|')), missed: static () => { });
        invalidation.Subscribe(OfRoute, message => Forget(message.Split('|')), missed: static () => { });
    }

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>The project's canaries that are stopped now.</summary>
    public IReadOnlyList<StoppedCanary> Of(string projectId) =>
        [.. _trials.Where(trial => trial.Key.ProjectId == projectId).SelectMany(trial => trial.Value.Stops()).OrderBy(stop => stop.At)];

    /// <summary>Starts the stopped canaries of a credential again, on all edges.</summary>
    /// <param name="projectId">The project.</param>
    /// <param name="credentialId">The credential that the canaries use.</param>
    public Task ResetAsync(string projectId, string credentialId)
    {
        string[] message = [projectId, credentialId];
        Reset(message);
        return _invalidation.PublishAsync(OfCredential, string.Join('|', message), isTransient: true);
    }

    /// <summary>Starts all canaries of a route again, on all edges. Call this after a route was saved.</summary>
    public Task ForgetAsync(string projectId, string route)
    {
        string[] message = [projectId, Uri.EscapeDataString(route)];
        Forget(message);
        return _invalidation.PublishAsync(OfRoute, string.Join('|', message));
    }

    /// <summary>
    /// Returns the trial of a group: the comparison of its canaries with the stable target. The trial survives changes of the project's other settings. Null:
    /// the group has nothing to compare, or there are too many trials.
    /// </summary>
    internal CanaryTrial? TrialOf(CanaryKey place, TargetPlan plan, PlanGroup group)
    {
        if (FindOrBegin(place, group) is not { } trial)
        {
            return null;
        }

        trial.Bind([.. group.Targets.Select(target => plan.Candidates.Index().Where(one => (target.Bits >> one.Index & 1) != 0).Select(one => one.Item.Credential?.Id ?? target.Provider.Id).ToImmutableArray())]);
        return trial;
    }

    private CanaryTrial? FindOrBegin(CanaryKey place, PlanGroup group)
    {
        // Concurrent requests may build the same plan, and only one plan is kept. Their plans must share one trial.
        lock (_beginning)
        {
            if (_trials.TryGetValue(place, out var trial) && trial.IsOf(group.Targets))
            {
                return trial;
            }

            if (_trials.Count >= Max)
            {
                Sweep();
            }

            trial = _trials.Count >= Max ? null : CanaryTrial.Of(this, place, group.Targets);
            if (trial is not null)
            {
                _trials[place] = trial;
            }

            return trial;
        }
    }

    internal void ReportStop(CanaryTrial trial, StoppedCanary stop)
    {
        // Sweep may have removed the trial from the table. Adds it again, so that the stopped canary is listed and can be started again.
        _trials.TryAdd(trial.Place, trial);
        _stops.Add(1, new KeyValuePair<string, object?>("route", stop.Route));
        var (requests, failures, stableRequests, stableFailures) = stop.Figures;
        Log.Stopped(_logger, stop.Model, stop.Route, trial.Place.ProjectId, failures, requests, stableFailures, stableRequests, stop.Stable);
        var (projectId, environment, route, rule, group) = trial.Place;
        _ = _invalidation.PublishAsync(
            Subject,
            string.Create(CultureInfo.InvariantCulture, $"{projectId}|{environment}|{rule}|{group}|{requests}|{failures}|{stableRequests}|{stableFailures}|{Uri.EscapeDataString(route)}|{Uri.EscapeDataString(stop.Model)}"),
            isTransient: true);
    }

    private void Receive(string message)
    {
        if (message.Split('|') is [var projectId, var named, .. { Length: 6 } numbers, var route, var model]
            && Enum.TryParse<KeyEnvironment>(named, out var environment)
            && Array.ConvertAll(numbers, Number) is [{ } rule, { } group, { } requests, { } failures, { } stableRequests, { } stableFailures]
            && _trials.TryGetValue(new(projectId, environment, Uri.UnescapeDataString(route), (int)rule, (int)group), out var trial))
        {
            trial.Receive(Uri.UnescapeDataString(model), new(requests, failures, stableRequests, stableFailures));
        }
    }

    private void Reset(string[] message)
    {
        if (message is [var projectId, var credentialId])
        {
            foreach (var trial in _trials.Where(trial => trial.Key.ProjectId == projectId))
            {
                trial.Value.Reset(credentialId);
            }
        }
    }

    // Resets the trial instead of removing it: running requests and plans may still hold the object.
    private void Forget(string[] message)
    {
        if (message is [var projectId, var route])
        {
            var name = Uri.UnescapeDataString(route);
            foreach (var trial in _trials.Where(trial => trial.Key.ProjectId == projectId && trial.Key.Route == name))
            {
                trial.Value.Reset();
            }
        }
    }

    private void Sweep()
    {
        foreach (var (place, trial) in _trials)
        {
            if (trial.Stopped == 0)
            {
                _trials.TryRemove(new(place, trial));
            }
        }
    }

    private static long? Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static partial class Log
    {
        [LoggerMessage(261, LogLevel.Warning, "The canary {Model} of the route {Route} in project {ProjectId} is stopped: {Failures} of its {Requests} requests failed, against {StableFailures} of {StableRequests} for the stable target {Stable}. The stable target now gets the canary's share.", EventName = "CanaryStopped")]
        public static partial void Stopped(ILogger logger, string model, string route, string projectId, long failures, long requests, long stableFailures, long stableRequests, string stable);
    }
}
